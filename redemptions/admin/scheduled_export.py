"""Exports that are made again and again, and whom their links are sent to."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from promo.admin.base import ProjectModelAdmin
from promo.admin.presentation import json_block
from promo.admin.summary import Figure, list_address
from promo.admin.visit import visit
from redemptions.admin.export import kind_in_words
from redemptions.admin.export_form import CONDITIONS, SELECTION, SelectionForm
from redemptions.models import Export, ScheduledExport
from redemptions.models.export import ExportStatus, Frequency, Weekday
from redemptions.services import scheduled_export as service

Json = dict[str, Any]
_HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]
_WHEN = ("frequency", "weekday", "hour")


class ScheduleForm(SelectionForm):
    """A file, again and again."""

    name = forms.CharField(max_length=255, widget=UnfoldAdminTextInputWidget)
    hour = forms.TypedChoiceField(
        label="At",
        coerce=int,
        choices=_HOURS,
        initial=6,
        widget=UnfoldAdminSelectWidget,
        help_text="On the hour, in the time zone of the project.",
    )
    recipients = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="One e-mail address a line. Each gets a link to every new file; "
        "whoever has the link can read the file.",
    )

    class Meta:
        model = ScheduledExport
        fields = ("frequency", "weekday", "active")

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if self.instance.created_at:
            self.initial["name"] = self.instance.name
            self.initial["hour"] = self.instance.hour
            self.initial["recipients"] = "\n".join(self.instance.recipients)

    def clean_recipients(self) -> list[str]:
        lines = str(self.cleaned_data["recipients"]).split()
        return [line.strip(",;") for line in lines if line.strip(",;")]


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
        at = f"at {schedule.hour:02}:00"
        if schedule.frequency == Frequency.DAILY:
            return f"Every day {at}"
        return f"Every {Weekday(schedule.weekday).label} {at}"

    @display(description="Next run", ordering="next_run_at")
    def next_run(self, schedule: ScheduledExport) -> Any:
        return schedule.next_run_at if schedule.active else "Switched off"

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
        told = len(obj.recipients)
        return [
            Figure("Runs", self.when(obj), self._next_in_words(obj)),
            Figure("Last run", self.last_run(obj), link=files),
            Figure("Told", f"{told:,} {'person' if told == 1 else 'people'}"),
        ]

    def _next_in_words(self, schedule: ScheduledExport) -> str:
        if not schedule.active:
            return "Switched off"
        return f"Next on {date_format(localtime(schedule.next_run_at), 'j M Y, H:i')}"

    # What is written

    def service_values(self, request: HttpRequest, form: Any, *, change: bool) -> Json:
        named = ("name", "exported_object", *_WHEN, "recipients", "active")
        values = {name: form.cleaned_data[name] for name in named}
        values["parameters"] = form.parameters
        return values if change else {**values, "user": visit(request).user}
