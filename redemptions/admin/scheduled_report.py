"""Reports that are sent again and again."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from promo.admin.base import ProjectModelAdmin
from promo.admin.forms import ProjectForm
from promo.admin.summary import Figure
from redemptions.admin.schedule import (
    ScheduleFields,
    next_run_in_words,
    next_run_of,
    people,
    when_in_words,
)
from redemptions.models import ScheduledReport
from redemptions.services import scheduled_report as service

_FIELDS = ("name", "campaign", "frequency", "weekday", "hour", "recipients", "active")


class ReportScheduleForm(ScheduleFields, ProjectForm):
    """A report, again and again."""

    recipients = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="One e-mail address a line. Each gets the figures and the tables as "
        "files.",
    )

    class Meta:
        model = ScheduledReport
        fields = ("campaign", "frequency", "weekday", "active")


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
        return when_in_words(report)

    @display(description="Next run", ordering="next_run_at")
    def next_run(self, report: ScheduledReport) -> Any:
        return next_run_of(report)

    @display(description="Who gets it")
    def to_whom(self, report: ScheduledReport) -> str:
        return ", ".join(report.recipients)

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        return [
            Figure("Sent", self.when(obj)),
            Figure("Next", next_run_in_words(obj)),
            Figure("To", people(len(obj.recipients))),
        ]

    def service_values(
        self, request: HttpRequest, form: Any, *, change: bool
    ) -> dict[str, Any]:
        return {name: form.cleaned_data[name] for name in _FIELDS}
