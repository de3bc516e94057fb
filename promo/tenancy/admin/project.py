"""Projects and their settings."""

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldAdminTextareaWidget

from promo.admin.base import ProjectModelAdmin
from promo.admin.forms import MoneyField, ProjectForm
from promo.admin.visit import visit
from promo.operations import Operations
from promo.tenancy.admin.once import show_once
from promo.tenancy.models import Project
from promo.tenancy.services import projects as service

_NAMES = {
    "app_id": "X-App-Id",
    "app_token": "X-App-Token",
    "client_application_id": "X-Client-Application-Id",
    "client_token": "X-Client-Token",
    "management_id": "X-Management-Id",
    "management_token": "X-Management-Token",
}


class SettingsForm(ProjectForm):
    timezone = forms.ChoiceField(
        choices=[(name, name) for name in sorted(available_timezones())],
        widget=UnfoldAdminSelect2Widget,
        help_text="Start and end dates are typed and shown in this zone.",
    )
    gift_adjustment_limit = MoneyField(
        label="Money by hand without approval",
        required=False,
        help_text="Whoever adds more to a gift card, or takes more off it, asks a "
        "second person. Empty: nobody is asked.",
    )
    client_trusted_domains = forms.CharField(
        required=False,
        label="Trusted domains of client keys",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="One a line, such as shop.example.com or *.example.com.",
    )

    class Meta:
        model = Project
        fields = ("name", "description", "currency", "timezone", "week_starts_on")

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        domains = self.instance.client_trusted_domains
        self.initial["client_trusted_domains"] = "\n".join(domains)
        self.initial.setdefault("timezone", "UTC")

    def clean_client_trusted_domains(self) -> list[str]:
        return str(self.cleaned_data["client_trusted_domains"]).split()


@admin.register(Project)
class ProjectAdmin(ProjectModelAdmin):
    """The projects that the person administers."""

    resource = "project"
    operations = Operations(
        create=service.create_project, update=service.update_project
    )
    form = SettingsForm
    list_display = ["name", "currency", "timezone", "created_at"]
    search_fields = ["name"]
    search_help_text = "Name"
    ordering = ["name"]
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "name",
                    "description",
                    ("currency", "timezone", "week_starts_on"),
                    ("case_sensitive_codes", "is_sandbox"),
                    "client_trusted_domains",
                )
            },
        ),
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "name",
                    "description",
                    ("currency", "timezone", "week_starts_on"),
                    "id",
                    "created_at",
                )
            },
        ),
        ("Codes", {"fields": ("case_sensitive_codes", "default_code_charset")}),
        ("Signing in", {"fields": ("demands_second_factor",)}),
        (
            "Balances changed by hand",
            {"fields": (("gift_adjustment_limit", "points_adjustment_limit"),)},
        ),
        ("Qualification", {"fields": ("qualification_checks_order_amount",)}),
        (
            "What client keys may do",
            {
                "fields": (
                    "client_trusted_domains",
                    ("client_redeem_enabled", "client_publish_enabled"),
                    (
                        "client_list_vouchers_enabled",
                        "client_create_customer_enabled",
                    ),
                )
            },
        ),
    )
    FIXED: ClassVar = ["id", "created_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*self.FIXED, *(["case_sensitive_codes"] if obj else [])]

    def has_add_permission(self, request: HttpRequest) -> bool:
        person = visit(request).user
        return bool(person and person.is_superuser)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Project]:
        person = visit(request).user
        if person is None:
            return Project.objects.none()
        if person.is_superuser:
            return Project.objects.all()
        held = person.memberships.select_related("role", "custom_role")
        reached = [one.project_id for one in held if "project.read" in one.permissions]
        return Project.objects.filter(pk__in=reached)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the role in this very project allows it, chosen or not."""
        seen = visit(request)
        if obj is None or obj == seen.project or seen.user is None:
            return super().has_change_permission(request, obj)
        if seen.user.is_superuser:
            return True
        held = seen.user.memberships.select_related("role", "custom_role")
        one = held.filter(project=obj).first()
        return one is not None and "project.modify" in one.permissions

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        values = dict(form.cleaned_data)
        domains = tuple(values.pop("client_trusted_domains"))
        made = service.create_project(
            now=visit(request).now, client_trusted_domains=domains, **values
        )
        obj.pk = made.project.pk
        obj.refresh_from_db()
        obj.keys_shown_once = made.as_json()

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponseBase:
        shown = obj.keys_shown_once
        return show_once(
            request,
            title=f"Keys of {obj.name}",
            rows={_NAMES[name]: shown[name] for name in _NAMES},
            back=reverse("admin:tenancy_project_changelist"),
            warning="Copy the secrets now: they cannot be shown again.",
        )
