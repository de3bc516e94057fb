"""Reports that are sent again and again."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
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
from promo.admin.forms import ProjectForm
from promo.admin.summary import Figure
from redemptions.models import ScheduledReport
from redemptions.models.export import Weekday
from redemptions.models.scheduled_report import ReportFrequency
from redemptions.services import scheduled_report as service

_HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]
_FIELDS = ("name", "campaign", "frequency", "weekday", "hour", "recipients", "active")


class ReportScheduleForm(ProjectForm):
    """A report, again and again."""

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
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="One e-mail address a line. Each gets the figures and the tables as "
        "files.",
    )

    class Meta:
        model = ScheduledReport
        fields = ("campaign", "frequency", "weekday", "active")

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if self.instance.created_at:
            self.initial["name"] = self.instance.name
            self.initial["hour"] = self.instance.hour
            self.initial["recipients"] = "\n".join(self.instance.recipients)

    def clean_recipients(self) -> list[str]:
        lines = str(self.cleaned_data["recipients"]).split()
        return [line.strip(",;") for line in lines if line.strip(",;")]


@admin.register(ScheduledReport)
class ScheduledReportAdmin(ProjectModelAdmin):
    resource = "exports"
    empty_note = "Have the figures of a report sent to whoever needs them."
    verbs: ClassVar[dict[str, str | None]] = {"modify": "create"}
    operations = service.OPERATIONS
    form = ReportScheduleForm
    related = ("project", "campaign")
    list_display = ["name", "about", "when", "next_run", "last_run_at"]
    search_fields = ["name__icontains"]
    search_help_text = "Name or id"
    ordering = ["name", "id"]
    readonly_fields = ["about", "when", "to_whom", "next_run"]
    conditional_fields: ClassVar = {"weekday": "frequency == 'WEEKLY'"}
    fieldsets = (
        (None, {"fields": ("name", "campaign", "active")}),
        ("When", {"fields": ("frequency", "weekday", "hour")}),
        ("Who gets it", {"fields": ("recipients",)}),
    )
    view_fieldsets = ((None, {"fields": ("name", "about", "when", "to_whom")}),)

    @display(description="About")
    def about(self, report: ScheduledReport) -> str:
        return report.campaign.name if report.campaign else "All campaigns"

    @display(description="When")
    def when(self, report: ScheduledReport) -> str:
        at = f"at {report.hour:02}:00"
        if report.frequency == ReportFrequency.WEEKLY:
            return f"Every {Weekday(report.weekday).label} {at}"
        if report.frequency == ReportFrequency.MONTHLY:
            return f"On the first of every month {at}"
        return f"Every day {at}"

    @display(description="Next run", ordering="next_run_at")
    def next_run(self, report: ScheduledReport) -> Any:
        return report.next_run_at if report.active else "Switched off"

    @display(description="Who gets it")
    def to_whom(self, report: ScheduledReport) -> str:
        return ", ".join(report.recipients)

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        shown = f"{date_format(localtime(obj.next_run_at), 'j M Y, H:i')}"
        told = len(obj.recipients)
        return [
            Figure("Sent", self.when(obj)),
            Figure("Next", shown if obj.active else "Switched off"),
            Figure("To", f"{told:,} {'person' if told == 1 else 'people'}"),
        ]

    def service_values(
        self, request: HttpRequest, form: Any, *, change: bool
    ) -> dict[str, Any]:
        return {name: form.cleaned_data[name] for name in _FIELDS}
