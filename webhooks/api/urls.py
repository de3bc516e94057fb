from django.urls import path

from webhooks.api import distributions, domain_events, webhooks
from webhooks.api.async_api import async_api

urlpatterns = [
    path("asyncapi.json", async_api, name="async-api"),
    *webhooks.URLS,
    *distributions.URLS,
    *domain_events.URLS,
]
