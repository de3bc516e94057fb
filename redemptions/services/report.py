"""Reading the figures of a project or a campaign over days, in steps of time.

All from what is kept (``redemptions.models.report``): the number of statements is
fixed, and none reads redemptions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    Count,
    DateField,
    F,
    FloatField,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Greatest, TruncDate, TruncMonth

from campaigns.models import Campaign
from promo import ids
from promo.calendar_windows import add_months, first_of_week
from promo.sql_constants import Constant
from promo.tenancy.models import Project
from redemptions.models import ReportState, ReportSum, ReportTally
from redemptions.models.report import Tallied

DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)
_SUMS = (
    *("redemptions", "rolled_back", "refused", "discount", "credits"),
    *("orders", "order_value", "revenue"),
)


class Step(StrEnum):
    """What a report is grouped by."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Days:
    """Days of the project's zone, both included."""

    first: date
    last: date

    @property
    def count(self) -> int:
        """How many days there are."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Days":
        """As many days, just before these."""
        length = timedelta(days=self.count)
        return Days(self.first - length, self.last - length)


@dataclass(frozen=True, slots=True)
class Totals:
    """What a time came to; money is minor units.

    ``redemptions`` are those that stand. ``customers`` are different people, None
    where nobody has counted them.
    """

    redemptions: int = 0
    rolled_back: int = 0
    refused: int = 0
    discount: int = 0
    credits: int = 0
    orders: int = 0
    order_value: int = 0
    revenue: int = 0
    customers: int | None = None

    @property
    def average(self) -> int | None:
        """The average order after discounts, None without one."""
        return round(self.revenue / self.orders) if self.orders else None

    @property
    def attempts(self) -> int:
        """All who tried: what succeeded, undone since or not, and what was refused."""
        return self.redemptions + self.rolled_back + self.refused


@dataclass(frozen=True, slots=True)
class Row:
    """What one step of time came to; ``until`` is the first moment after it."""

    at: datetime
    until: datetime
    totals: Totals


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures: a campaign's, else those of the whole project."""

    project: Project
    campaign: Campaign | None = None

    @property
    def key(self) -> UUID:
        """The UUID by which figures are kept."""
        return ids.parse_shown(self.campaign.pk if self.campaign else self.project.pk)

    def midnight(self, day: date) -> datetime:
        """Return when a day begins in the project's zone."""
        return datetime.combine(day, time.min, tzinfo=self.project.zone)


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of some days, those of the days before, and the steps of time."""

    days: Days
    totals: Totals
    before: Totals
    rows: Sequence[Row] = field(default_factory=tuple)


def report_of(scope: Scope, days: Days, step: Step) -> Report:
    """Return what the days came to, with every step of them; four statements."""
    people = _people_by_step(scope, days, step)
    rows = _rows(scope, days, step, people)
    before = days.before
    counted = _visits(scope, Days(before.first, days.last)).aggregate(
        now=Count("day", filter=Q(day__gte=days.first) & _first_since(days.first)),
        before=Count("day", filter=Q(day__lt=days.first) & _first_since(before.first)),
    )
    earlier = sums_of(scope, before).aggregate(**_added())
    return Report(
        days=days,
        totals=_together([row.totals for row in rows], counted["now"]),
        before=_totals_of(earlier, counted["before"]),
        rows=rows,
    )


def _together(parts: Sequence[Totals], customers: int) -> Totals:
    summed = {name: sum(getattr(part, name) for part in parts) for name in _SUMS}
    return Totals(**summed, customers=customers)


def is_kept(project: Project) -> bool:
    """Say whether all figures of a project are kept, in its zone; one statement."""
    state = ReportState.objects.filter(project=project)
    return state.filter(timezone=project.timezone).exists()


def sums_of(scope: Scope, days: Days) -> QuerySet[ReportSum]:
    """Return the sums of the hours of some days."""
    return ReportSum.objects.filter(
        project=scope.project,
        scope=scope.key,
        at__gte=scope.midnight(days.first),
        at__lt=scope.midnight(days.last + DAY),
    ).order_by()


def ranking(scope: Scope, days: Days, *kinds: Tallied) -> QuerySet[Any]:
    """Return what was in it, the most frequent first, as ``kind, name, times, worth``.

    Sums of the widest numbers have a state of their own for each name, which hundreds
    of thousands of names pay for. A day's count fits a narrower one, and floating
    point adds whole numbers exactly up to 2**53 minor units.
    """
    ranked: QuerySet[Any] = (
        _tallies(scope, days, *kinds)
        .values("kind", "name")
        .annotate(
            times=Sum(Cast("count", IntegerField())),
            worth=Cast(Sum(Cast("amount", FloatField())), BigIntegerField()),
        )
        .exclude(times=0, worth=0)
        .order_by("-times", "-worth", "name")
        .values_list("kind", "name", "times", "worth")
    )
    return ranked


def channels(scope: Scope, days: Days) -> Sequence[tuple[str, Totals]]:
    """Return what came through each channel, the busiest first."""
    found = sums_of(scope, days).values("channel").annotate(**_added())
    rows = [(row["channel"], _totals_of(row)) for row in found]
    return sorted(rows, key=lambda row: (-row[1].redemptions, row[0]))


def campaigns(scope: Scope, days: Days) -> Sequence[tuple[str, Totals]]:
    """Return what each campaign of a project came to, by id, the busiest first."""
    rows = ReportSum.objects.filter(
        project=scope.project,
        at__gte=scope.midnight(days.first),
        at__lt=scope.midnight(days.last + DAY),
    ).exclude(scope=scope.key)
    found = rows.order_by().values("scope").annotate(**_added())
    done = [(ids.show("camp_", row["scope"]), _totals_of(row)) for row in found]
    return sorted(done, key=lambda row: (-row[1].redemptions, row[0]))


def _added() -> dict[str, Sum]:
    return {f"{name}_sum": Sum(name, default=0) for name in _SUMS}


def _totals_of(row: Mapping[str, Any], customers: int | None = None) -> Totals:
    values: dict[str, int] = {name: row[f"{name}_sum"] for name in _SUMS}
    values["redemptions"] -= values["rolled_back"]
    return Totals(**values, customers=customers)


def _tallies(scope: Scope, days: Days, *kinds: Tallied) -> QuerySet[ReportTally]:
    return ReportTally.objects.filter(
        project=scope.project,
        scope=scope.key,
        kind__in=kinds,
        day__gte=days.first,
        day__lte=days.last,
    ).order_by()


def _visits(scope: Scope, days: Days) -> QuerySet[ReportTally]:
    """Return the days on which somebody redeemed something that stands."""
    found = _tallies(scope, days, Tallied.CUSTOMER)
    return found.filter(kind=Constant(Tallied.CUSTOMER), count__gt=0)


def _first_since(day: Any) -> Q:
    """Say that somebody had no day before since ``day``, so that he counts once."""
    return Q(previous_day=None) | Q(previous_day__lt=day)


def _people_by_step(scope: Scope, days: Days, step: Step) -> dict[date, int]:
    """Return how many people there were in each step, by its first day."""
    if step == Step.HOUR:
        return {}
    starts = scope.project.week_starts_on
    by_step = _visits(scope, days).values(first=_first_day(step, starts))
    if step != Step.DAY:
        since = Greatest(F("first"), Value(days.first, DateField()))
        by_step = by_step.filter(_first_since(since))
    return dict(by_step.annotate(n=Count("*")).values_list("first", "n"))


def _first_day(step: Step, week_starts_on: int) -> Any:
    """Return the first day of the step that a tally lies in, for PostgreSQL."""
    if step == Step.DAY:
        return F("day")
    if step == Step.MONTH:
        return TruncMonth("day", output_field=DateField())
    back = f"mod(extract(dow FROM %(expressions)s)::int - {week_starts_on:d} + 7, 7)"
    return Func(
        F("day"), template=f"(%(expressions)s - {back})", output_field=DateField()
    )


def start_of(day: date, step: Step, week_starts_on: int) -> date:
    """Return the first day of the step that a day lies in."""
    if step == Step.WEEK:
        return first_of_week(day, week_starts_on)
    return day.replace(day=1) if step == Step.MONTH else day


def _rows(
    scope: Scope, days: Days, step: Step, people: dict[date, int]
) -> tuple[Row, ...]:
    if step == Step.HOUR:
        return tuple(_hours(scope, days))
    zone, starts = scope.project.zone, scope.project.week_starts_on
    by_day = sums_of(scope, days).values(day=TruncDate("at", tzinfo=zone))
    nothing = {f"{name}_sum": 0 for name in _SUMS}
    sums: dict[date, dict[str, Any]] = {}
    found: Any = by_day.annotate(**_added())
    for row in found:
        into = sums.setdefault(start_of(row["day"], step, starts), dict(nothing))
        for name in nothing:
            into[name] += row[name]
    return tuple(
        Row(
            scope.midnight(first),
            scope.midnight(after),
            _totals_of(sums.get(first, nothing), people.get(first, 0)),
        )
        for first, after in _spans(days, step, starts)
    )


def _spans(days: Days, step: Step, starts: int) -> Iterator[tuple[date, date]]:
    """Yield the first day of each step and the day after its last."""
    first = start_of(days.first, step, starts)
    while first <= days.last:
        after = add_months(first, 1) if step == Step.MONTH else first + _length(step)
        yield first, after
        first = after


def _length(step: Step) -> timedelta:
    return _WEEK if step == Step.WEEK else DAY


def _hours(scope: Scope, days: Days) -> Iterator[Row]:
    """Yield each hour of the project's clock; a night may have one more or less."""
    found = sums_of(scope, days).values(hour=F("at")).annotate(**_added())
    known = {row["hour"]: _totals_of(row) for row in found}
    at = scope.midnight(days.first).astimezone(UTC)
    end = scope.midnight(days.last + DAY)
    while at < end:
        after = _hour_after(at, scope.project.zone)
        yield Row(at, after, known.get(at, Totals()))
        at = after


def _hour_after(at: datetime, zone: tzinfo) -> datetime:
    """Return the hour that follows in time, wherever the clock is put meanwhile."""
    later = at + timedelta(hours=1)
    return later - timedelta(minutes=later.astimezone(zone).minute)
