from django.contrib import admin
from django.urls import path

from promo.health.page import system_health

urlpatterns = [
    path("", admin.site.admin_view(system_health), name="system-health"),
]
