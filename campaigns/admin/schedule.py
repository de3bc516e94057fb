"""When an offer holds: dates and weekdays, in forms and in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.timezone import get_current_timezone_name
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSplitDateTimeWidget,
)

from promo.admin.presentation import moment

WEEKDAYS = (
    (1, "Monday"),
    (2, "Tuesday"),
    (3, "Wednesday"),
    (4, "Thursday"),
    (5, "Friday"),
    (6, "Saturday"),
    (0, "Sunday"),
)
_ZONE = lazy(get_current_timezone_name, str)()
LIMITS = ("start_date", "expiration_date")
ROWS = (*LIMITS, "weekdays")


class MomentField(forms.SplitDateTimeField):
    """A date and a time; a date alone means ``at`` that time of the day."""

    def __init__(self, *, at: time, **options: Any) -> None:
        self.at = at
        options.setdefault("widget", UnfoldAdminSplitDateTimeWidget)
        super().__init__(required=False, **options)

    def clean(self, value: Any) -> Any:
        if isinstance(value, list | tuple) and value[0] and not value[1]:
            value = [value[0], self.at.isoformat()]
        return super().clean(value)


class ScheduleFields(forms.Form):
    """When an offer holds."""

    start_date = MomentField(
        label="Starts",
        at=time(0, 0),
        help_text=format_lazy("{} time; without a time: at midnight.", _ZONE),
    )
    expiration_date = MomentField(
        label="Ends",
        at=time(23, 59, 59),
        help_text=format_lazy("{} time; without a time: at the end of the day.", _ZONE),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label="Only on",
        required=False,
        coerce=int,
        choices=WEEKDAYS,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="No day chosen means every day.",
    )


def show_schedule(form: forms.BaseForm, stored: Any) -> None:
    """Fill a form with the limits of a stored offer."""
    for name in LIMITS:
        form.initial[name] = getattr(stored, name)
    form.initial["weekdays"] = stored.validity_day_of_week or []


def schedule_values(values: dict[str, Any]) -> dict[str, Any]:
    """Return the limits among a form's values, as services take them."""
    taken = {name: values[name] for name in LIMITS if name in values}
    if "weekdays" in values:
        taken["validity_day_of_week"] = values["weekdays"] or None
    return taken


def period_in_words(start: datetime | None, end: datetime | None) -> str:
    """Return the dates of an offer in one line."""
    if start and end:
        return f"{moment(start)} to {moment(end)}"
    if start:
        return f"From {moment(start)}"
    return f"Until {moment(end)}" if end else "No end"


def has_hours(stored: Any) -> bool:
    """Whether an offer has limits that only the API sets."""
    return bool(stored.validity_hours or stored.validity_timeframe)


def hours_in_words(stored: Any) -> str:
    """Return the hours and the repeating window of an offer."""
    daily = (stored.validity_hours or {}).get("daily", ())
    parts = [_window(one) for one in daily]
    frame = stored.validity_timeframe
    if frame:
        parts.append(f"{frame['duration']} out of every {frame['interval']}")
    return "; ".join(parts) or "All day"


def _window(one: Mapping[str, Any]) -> str:
    hours = f"{one['start_time']} to {one['expiration_time']}"
    days = one.get("days_of_week")
    return f"{hours} on {weekdays_in_words(days)}" if days else hours


def weekdays_in_words(days: Sequence[int] | None) -> str:
    """Return the weekdays, Monday first."""
    chosen = set(days or ())
    return ", ".join(name for day, name in WEEKDAYS if day in chosen) or "Every day"
