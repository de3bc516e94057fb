"""Exports that are made again and again, and whom their links are sent to."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from promo.admin.base import ProjectModelAdmin
from promo.admin.presentation import json_block
from promo.admin.summary import Figure, list_address
from promo.admin.visit import visit
from redemptions.admin.export import kind_in_words
from redemptions.admin.export_form import CONDITIONS, SELECTION, SelectionForm
from redemptions.admin.schedule import (
    ScheduleFields,
    next_run_in_words,
    next_run_of,
    people,
    when_in_words,
)
from redemptions.models import Export, ScheduledExport
from redemptions.models.export import ExportStatus
from redemptions.services import scheduled_export as service

Json = dict[str, Any]
_WHEN = ("frequency", "weekday", "hour")


class ScheduleForm(ScheduleFields, SelectionForm):
    """A file, again and again."""

    recipients = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="One e-mail address a line. Each gets a link to every new file; "
        "whoever has the link can read the file.",
    )

    class Meta:
        model = ScheduledExport
        fields = ("frequency", "weekday", "active")


@admin.register(ScheduledExport)
class ScheduledExportAdmin(ProjectModelAdmin):
    resource = "exports"
    empty_note = (
        "Have a file made every day or week, and its link sent to whoever needs it."
    )
    verbs: ClassVar[dict[str, str | None]] = {"modify": "create"}
    operations = service.OPERATIONS
    form = ScheduleForm
    related = ("project", "user")
    list_display = ["name", "what", "when", "next_run", "last_run_at", "last_run"]
    search_fields = ["name__icontains"]
    search_help_text = "Name or id"
    ordering = ["name", "id"]
    readonly_fields = ["what", "when", "asked", "to_whom", "next_run", "last_run"]
    conditional_fields: ClassVar = {
        **CONDITIONS,
        "weekday": "frequency == 'WEEKLY'",
    }
    change_fieldsets = (
        (None, {"fields": ("name", "active")}),
        ("What stands in the file", {"fields": SELECTION}),
        ("When", {"fields": _WHEN}),
        ("Who is told", {"fields": ("recipients",)}),
    )
    view_fieldsets = (
        (None, {"fields": ("name", "what", "when", "to_whom")}),
        ("Asked for", {"fields": ("asked",)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj and not self.has_change_permission(request, obj):
            return self.view_fieldsets
        return self.change_fieldsets

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScheduledExport]:
        rows: QuerySet[ScheduledExport] = super().get_queryset(request)
        made = Export.objects.filter(schedule=OuterRef("pk")).order_by("-created_at")
        return rows.annotate(last_status=Subquery(made.values("status")[:1]))

    # What is shown

    @display(description="What", ordering="exported_object")
    def what(self, schedule: ScheduledExport) -> str:
        return kind_in_words(schedule.exported_object)

    @display(description="When")
    def when(self, schedule: ScheduledExport) -> str:
        return when_in_words(schedule)

    @display(description="Next run", ordering="next_run_at")
    def next_run(self, schedule: ScheduledExport) -> Any:
        return next_run_of(schedule)

    @display(description="Last run ended")
    def last_run(self, schedule: Any) -> str:
        status = schedule.last_status
        return ExportStatus(status).label if status else "Not yet run"

    @display(description="Who is told")
    def to_whom(self, schedule: ScheduledExport) -> str:
        return ", ".join(schedule.recipients) or "Nobody"

    @display(description="Asked for")
    def asked(self, schedule: ScheduledExport) -> Any:
        return json_block(schedule.parameters)

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        files = list_address("redemptions_export", q=obj.name)
        return [
            Figure("Runs", self.when(obj), next_run_in_words(obj, "Next on ")),
            Figure("Last run", self.last_run(obj), link=files),
            Figure("Told", people(len(obj.recipients))),
        ]

    # What is written

    def service_values(self, request: HttpRequest, form: Any, *, change: bool) -> Json:
        named = ("name", "exported_object", *_WHEN, "recipients", "active")
        values = {name: form.cleaned_data[name] for name in named}
        values["parameters"] = form.parameters
        return values if change else {**values, "user": visit(request).user}
