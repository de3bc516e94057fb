from django.urls import path

from promo.jobs.rows.reports import download_report
from promo.jobs.views import AsyncActionResource

urlpatterns = [
    *AsyncActionResource.urls(),
    path("reports/<reference:reference>.csv", download_report, name="action-report"),
]
