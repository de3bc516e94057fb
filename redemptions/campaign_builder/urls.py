from django.contrib import admin
from django.urls import path

from redemptions.campaign_builder.views import begin, build, builder_home

urlpatterns = [
    path("", admin.site.admin_view(builder_home), name="campaign-builder"),
    path("begin/", admin.site.admin_view(begin), name="campaign-builder-begin"),
    path(
        "<str:draft_id>/<slug:step>/",
        admin.site.admin_view(build),
        name="campaign-builder-step",
    ),
]
