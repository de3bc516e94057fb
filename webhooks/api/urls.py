from django.urls import path

from webhooks.api.async_api import async_api
from webhooks.api.webhooks import URLS

urlpatterns = [path("asyncapi.json", async_api, name="async-api"), *URLS]
