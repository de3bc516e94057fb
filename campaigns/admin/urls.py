from django.contrib import admin
from django.urls import path

from campaigns.admin.palette import palette

urlpatterns = [path("search/", admin.site.admin_view(palette), name="palette")]
