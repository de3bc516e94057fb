"""What the pages of all schedules have in common."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from promo.admin.presentation import moment
from redemptions.models import ScheduledExport, ScheduledReport
from redemptions.models.export import Weekday
from redemptions.models.scheduled_report import ReportFrequency

Schedule = ScheduledExport | ScheduledReport
_HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class ScheduleFields(forms.Form):
    """Name, hour and recipients; whoever adds ``recipients`` says what they get."""

    name = forms.CharField(max_length=255, widget=UnfoldAdminTextInputWidget)
    hour = forms.TypedChoiceField(
        label="At",
        coerce=int,
        choices=_HOURS,
        initial=6,
        widget=UnfoldAdminSelectWidget,
        help_text="On the hour, in the time zone of the project.",
    )
    instance: Any

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if self.instance.created_at:
            self.initial["name"] = self.instance.name
            self.initial["hour"] = self.instance.hour
            self.initial["recipients"] = "\n".join(self.instance.recipients)

    def clean_recipients(self) -> list[str]:
        """Return one address a line or word."""
        lines = str(self.cleaned_data["recipients"]).split()
        return [line.strip(",;") for line in lines if line.strip(",;")]


def when_in_words(schedule: Schedule) -> str:
    """Return on which days a schedule runs, and at what hour."""
    at = f"at {schedule.hour:02}:00"
    if schedule.frequency == ReportFrequency.WEEKLY:
        return f"Every {Weekday(schedule.weekday).label} {at}"
    if schedule.frequency == ReportFrequency.MONTHLY:
        return f"On the first of every month {at}"
    return f"Every day {at}"


def next_run_of(schedule: Schedule) -> Any:
    """Return when a schedule runs next, or that it does not."""
    return schedule.next_run_at if schedule.active else "Switched off"


def next_run_in_words(schedule: Schedule, before: str = "") -> str:
    """Return the same in words, the moment with what stands ``before`` it."""
    if not schedule.active:
        return "Switched off"
    return f"{before}{moment(schedule.next_run_at)}"


def people(number: int) -> str:
    """Return how many people are written to."""
    return f"{number:,} {'person' if number == 1 else 'people'}"
