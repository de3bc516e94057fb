from django.contrib import admin
from django.urls import path

from redemptions.admin.report import report, report_file

urlpatterns = [
    path("", admin.site.admin_view(report), name="reports"),
    path("<str:table>.csv", admin.site.admin_view(report_file), name="report-file"),
]
