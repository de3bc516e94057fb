from django.contrib import admin
from django.urls import path

from promo.jobs.admin.imports import choose_file, confirm, show_preview

_page = admin.site.admin_view

urlpatterns = [
    path("", _page(choose_file), name="imports"),
    path("<reference:reference>/", _page(show_preview), name="import-preview"),
    path("<reference:reference>/confirm/", _page(confirm), name="import-confirm"),
]
