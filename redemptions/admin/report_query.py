"""What a report is asked for: of whom, over which days, in which steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from campaigns.models import Campaign
from promo.calendar_windows import Calendar, window
from promo.tenancy.models import Project
from redemptions.services.report import DAY, Days, Scope, Step

_OFFERED = 300
_MOST_DAYS = 1_830
_MOST_BY_HOUR = 31
_FEW_DAYS, _MANY_DAYS = 2, 92
_DATES = "dates"
_LAST = {"last_7_days": 7, "last_30_days": 30, "last_90_days": 90}
_WINDOWS = (
    *("today", "yesterday", "this_week", "last_week"),
    *("this_month", "last_month", "this_year", "last_year"),
)
PERIODS = [
    ("last_30_days", "Last 30 days"),
    ("last_7_days", "Last 7 days"),
    ("last_90_days", "Last 90 days"),
    *((name, name.replace("_", " ").capitalize()) for name in _WINDOWS),
    (_DATES, "Between two days"),
]
_STEPS = [(step.value, f"By {step.value}") for step in Step]
_DAY_INPUT = {"type": "date"}


def days_of(period: str, calendar: Calendar) -> Days:
    """Return the days of a named period; one that runs ends today."""
    if period in _LAST:
        return Days(calendar.today - timedelta(_LAST[period] - 1), calendar.today)
    first, after = window(period, calendar)
    return Days(first, min(after - DAY, calendar.today))


def step_for(days: Days) -> Step:
    """Return the step in which so many days read well."""
    if days.count <= _FEW_DAYS:
        return Step.HOUR
    return Step.DAY if days.count <= _MANY_DAYS else Step.MONTH


@dataclass(frozen=True, slots=True)
class Asked:
    """A report that was asked for, and the query that asks for it again."""

    scope: Scope
    days: Days
    step: Step
    query: str


class ReportForm(forms.Form):
    """The fields above a report; what they leave out is the last thirty days."""

    campaign = forms.ChoiceField(
        label="Of", required=False, widget=UnfoldAdminSelectWidget
    )
    period = forms.ChoiceField(
        required=False, choices=PERIODS, widget=UnfoldAdminSelectWidget
    )
    since = forms.DateField(
        label="From",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs=_DAY_INPUT),
    )
    until = forms.DateField(
        label="To", required=False, widget=UnfoldAdminTextInputWidget(attrs=_DAY_INPUT)
    )
    step = forms.ChoiceField(
        label="Grouped",
        required=False,
        choices=[("", "As it fits"), *_STEPS],
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(
        self, data: Mapping[str, Any], *, calendar: Calendar, project: Project
    ):
        filled = {name: data.get(name, "") for name in self.base_fields}
        filled["period"] = filled["period"] or PERIODS[0][0]
        super().__init__(filled)
        self._calendar, self._project = calendar, project
        self._campaigns = _offered(project, filled["campaign"])
        self.fields["campaign"].choices = [  # type: ignore[attr-defined]  # a choice
            ("", "All campaigns"),
            *((one.pk, one.name) for one in self._campaigns.values()),
        ]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if self.errors:
            return values
        days = self._days(values)
        if days is None:
            return values
        if days.last < days.first:
            self.add_error("until", "The last day comes before the first one.")
        elif days.count > _MOST_DAYS:
            self.add_error("until", "Ask for five years at most.")
        elif values["step"] == Step.HOUR and days.count > _MOST_BY_HOUR:
            self.add_error("step", "By the hour there are 31 days at most.")
        values["days"] = days
        return values

    def _days(self, values: Mapping[str, Any]) -> Days | None:
        if values["period"] != _DATES:
            return days_of(values["period"], self._calendar)
        first, last = values.get("since"), values.get("until")
        if first is None:
            self.add_error("since", "Say the first day.")
            return None
        return Days(first, last or max(first, self._calendar.today))

    @property
    def asked(self) -> Asked:
        """What the fields ask for; those of a form in error ask for the default."""
        values = self.cleaned_data if self.is_valid() else {}
        days = values.get("days") or days_of(PERIODS[0][0], self._calendar)
        campaign = self._campaigns.get(values.get("campaign", ""))
        step = Step(values["step"]) if values.get("step") else None
        return asked_for(Scope(self._project, campaign), days, step)


def asked_for(scope: Scope, days: Days, step: Step | None = None) -> Asked:
    """Return what asks for the report of some days, in the steps that fit them."""
    step = step or step_for(days)
    query = {
        "campaign": scope.campaign.pk if scope.campaign else "",
        "period": _DATES,
        "since": _iso(days.first),
        "until": _iso(days.last),
        "step": step.value,
    }
    return Asked(scope, days, step, urlencode(query))


def _iso(day: date) -> str:
    return day.isoformat()


def _offered(project: Project, chosen: str) -> dict[str, Campaign]:
    """Return the campaigns to choose from by id; the chosen one is among them."""
    alive = Campaign.objects.alive().filter(project=project)
    found = {one.pk: one for one in alive.order_by("-created_at")[:_OFFERED]}
    if chosen and chosen not in found and len(found) == _OFFERED:
        found |= {one.pk: one for one in alive.by_reference(chosen)[:1]}
    return dict(sorted(found.items(), key=lambda one: one[1].name.casefold()))
