from django.contrib import admin
from django.urls import path

from redemptions.campaign_builder.templates import template_page
from redemptions.campaign_builder.views import begin, build, builder_home

urlpatterns = [
    path("", admin.site.admin_view(builder_home), name="campaign-builder"),
    path("begin/", admin.site.admin_view(begin), name="campaign-builder-begin"),
    path(
        "templates/<str:template_id>/",
        admin.site.admin_view(template_page),
        name="campaign-builder-template",
    ),
    path(
        "<str:draft_id>/<slug:step>/",
        admin.site.admin_view(build),
        name="campaign-builder-step",
    ),
]
