from django.contrib import admin
from django.urls import path

from redemptions.rule_builder.views import rule_builder, rule_choices_found

urlpatterns = [
    path("", admin.site.admin_view(rule_builder), name="rule-builder"),
    path("choices/", admin.site.admin_view(rule_choices_found), name="rule-choices"),
    path("<str:rule_id>/", admin.site.admin_view(rule_builder), name="rule-builder"),
]
