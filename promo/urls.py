"""Every address; apps are named as text, so that nothing is imported upwards."""

from django.contrib import admin
from django.urls import include, path, register_converter
from django.views.generic import RedirectView

from promo.admin.saved_views import forget_view, keep_view
from promo.admin.views import choose_project
from promo.api.routes import Reference

register_converter(Reference, "reference")

urlpatterns = [
    # Routes are tried one after the other: the checkout's come first.
    path("", include("redemptions.api.urls")),
    path("", include("campaigns.api.urls")),
    path("", include("customers.api.urls")),
    path("", include("webhooks.api.urls")),
    path("", include("promo.jobs.urls")),
    path("", include("promo.metadata_schemas.urls")),
    path("", include("promo.api.urls")),
    path("", include("promo.health.urls")),
    path("", include("promo.metrics.urls")),
    path("", include("customers.pages.urls")),
    path("", RedirectView.as_view(url="/admin/")),
    path(
        "admin/projects/<str:project_id>/choose/",
        choose_project,
        name="choose-project",
    ),
    path("admin/saved-views/", keep_view, name="keep-view"),
    path("admin/saved-views/<str:view_id>/", forget_view, name="forget-view"),
    path("admin/", include("promo.sign_in.urls")),
    # Instead of unfold's own, which keeps what it found in one project for another.
    path("admin/", include("campaigns.admin.urls")),
    path("admin/", include("redemptions.rehearsal.urls")),
    path("admin/", include("redemptions.stacking_trial.urls")),
    path("admin/", include("redemptions.counter.urls")),
    path("admin/", include("redemptions.admin.urls")),
    path("admin/", include("redemptions.campaign_calendar.urls")),
    path("admin/rule-builder/", include("redemptions.rule_builder.urls")),
    path("admin/campaign-builder/", include("redemptions.campaign_builder.urls")),
    path("admin/health/", include("promo.health.pages")),
    path("admin/imports/", include("promo.jobs.admin.urls")),
    path("admin/", admin.site.urls),
]

handler404 = "promo.api.errors.handler404"
handler500 = "promo.api.errors.handler500"
