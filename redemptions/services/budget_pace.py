"""How budgets were used up until now, and when they run out at the pace of late."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import F, Min, Q, QuerySet, Sum

from campaigns.models import Campaign
from promo import ids
from promo.calendar_windows import window
from promo.tenancy.models import Project
from redemptions.engine import burn_down
from redemptions.engine.burn_down import Point, Step
from redemptions.engine.counters import COUNTERS
from redemptions.models import ReportSum
from redemptions.services.budgets import Budget, budgets_by_campaign

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
#: The chart of a budget without an end looks so far ahead, and so far back.
_AHEAD, _MOST_STEPS = timedelta(days=30), 400
_MOST_CAMPAIGNS = 300
#: What a sum keeps of each measure.
_USED = {
    "count": F("redemptions") - F("rolled_back"),
    "discounted": F("discount"),
    "orders": F("order_value"),
    "gift": F("credits"),
}
_WINDOWS = {"d": "today", "w": "this_week", "m": "this_month"}


@dataclass(frozen=True, slots=True)
class Paced:
    """A campaign's budget: over which time, and when it runs out at this pace.

    ``budget.used`` is never None. ``runs_out_at`` is None where it lasts.
    """

    campaign: Campaign
    budget: Budget
    span: burn_down.Budget
    runs_out_at: datetime | None
    now: datetime

    @property
    def is_used_up(self) -> bool:
        """Whether nothing is left."""
        return not self.budget.left

    @property
    def is_short(self) -> bool:
        """Whether it runs out before its time is over; without an end, in 30 days."""
        if self.runs_out_at is None:
            return False
        return self.runs_out_at < (self.span.end or self.now + _AHEAD)


def paced_budgets(
    project: Project, campaigns: Sequence[Campaign], now: datetime
) -> list[Paced]:
    """Return the shared budgets of campaigns, those nearest to their end first.

    Five statements, whatever the number of campaigns.
    """
    found = budgets_by_campaign(project, [one.pk for one in campaigns], now)
    limited = [
        one for one in campaigns if any(b.used is not None for b in found[one.pk])
    ]
    began = _first_uses(project, limited)
    spans = {
        (one.pk, budget.rule): _span(one, budget, began.get(one.pk), now)
        for one in limited
        for budget in found[one.pk]
        if budget.used is not None
    }
    recent = _recent(project, limited, now)
    paced = [
        Paced(one, budget, span, _runs_out(budget, span, recent[one.pk], now), now)
        for one in limited
        for budget in found[one.pk]
        if (span := spans.get((one.pk, budget.rule)))
    ]
    return sorted(paced, key=lambda each: (-each.budget.percent, each.campaign.name))


def running_budgets(project: Project, now: datetime) -> list[Paced]:
    """Return the budgets of the campaigns that run, or were stopped for them."""
    alive = Campaign.objects.alive().filter(project=project)
    running = Campaign.objects.running_at(now).filter(project=project)
    rows = alive.filter(Q(pk__in=running.order_by().values("pk")) | ~Q(disabled_for=""))
    rows = rows.filter(pk__in=_with_rules(project)).order_by("-created_at", "-pk")
    campaigns = list(rows.select_related("project")[:_MOST_CAMPAIGNS])
    return paced_budgets(project, campaigns, now)


def _with_rules(project: Project) -> Any:
    assigned = project.validation_rule_assignments.filter(
        related_object_type="campaign"
    )
    return [
        ids.parse("camp_", key)
        for key in assigned.values_list("related_object_id", flat=True)[:10_000]
    ]


def _sums(project: Project, campaigns: Sequence[Campaign]) -> QuerySet[ReportSum]:
    keys = [ids.parse("camp_", one.pk) for one in campaigns]
    return ReportSum.objects.filter(project=project, scope__in=keys).order_by()


def _first_uses(project: Project, campaigns: Sequence[Campaign]) -> dict[str, datetime]:
    used = _sums(project, campaigns).filter(redemptions__gt=0).values_list("scope")
    return {ids.show("camp_", key): at for key, at in used.annotate(at=Min("at"))}


def _recent(
    project: Project, campaigns: Sequence[Campaign], now: datetime
) -> Mapping[str, Mapping[str, int]]:
    """Return what was used of late, by campaign and measure, and in which window."""
    since = now - burn_down.PACE
    used = _sums(project, campaigns).filter(at__gt=since).values("scope")
    summed = used.annotate(**{name: Sum(each) for name, each in _USED.items()})
    found: dict[str, Any] = {ids.show("camp_", row["scope"]): row for row in summed}
    nothing = dict.fromkeys(_USED, 0)
    return {one.pk: found.get(one.pk, nothing) for one in campaigns}


def _span(
    campaign: Campaign, budget: Budget, first_use: datetime | None, now: datetime
) -> burn_down.Budget:
    """Return over which time a budget shall last."""
    project = campaign.project
    if budget.window is not None:
        first, after = window(_WINDOWS[budget.window], project.calendar(now))
        bounds = (_midnight(project, first), _midnight(project, after))
        return burn_down.Budget(budget.limit, *bounds)
    began = [
        campaign.start_date or campaign.created_at,
        *([first_use] if first_use else []),
    ]
    start = min([*began, now])
    return burn_down.Budget(budget.limit, start, campaign.expiration_date)


def _midnight(project: Project, day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=project.zone)


def _runs_out(
    budget: Budget, span: burn_down.Budget, recent: Mapping[str, Any], now: datetime
) -> datetime | None:
    """Return when a budget runs out; one that a period renews, within the period."""
    left = budget.left or 0
    if budget.window is not None:
        # Its pace is that of the period itself.
        used, over = budget.used or 0, now - span.start
    else:
        used = recent[COUNTERS[budget.rule].measure]
        over = now - burn_down.pace_since(span, now)
    return burn_down.runs_out_at(left, used, over, now)


def points_of(paced: Paced, now: datetime) -> list[Point]:
    """Return the burn-down of a budget for its chart; one statement."""
    steps = list(_steps(paced, now))
    project, measure = paced.campaign.project, COUNTERS[paced.budget.rule].measure
    rows = _sums(project, [paced.campaign]).filter(
        at__gte=steps[0].at, at__lt=steps[-1].until
    )
    starts = [one.at for one in steps]
    used = [0] * len(steps)
    for at, amount in rows.values_list("at").annotate(used=Sum(_USED[measure])):
        used[bisect_right(starts, at) - 1] += amount
    filled = [Step(one.at, one.until, n) for one, n in zip(steps, used, strict=True)]
    return list(
        burn_down.burn_down(
            paced.span, filled, paced.budget.used or 0, now, paced.runs_out_at
        )
    )


def _steps(paced: Paced, now: datetime) -> Iterator[Step]:
    """Yield the hours of a day, else the days that the chart shows."""
    project, span = paced.campaign.project, paced.span
    if paced.budget.window == "d":
        at = span.start
        while span.end is not None and at < span.end:
            # Clocks may be put meanwhile: the hour that follows in time.
            until = (at.astimezone(UTC) + _HOUR).astimezone(project.zone)
            yield Step(at, until)
            at = until
        return
    first = span.start.astimezone(project.zone).date()
    ahead = now + _AHEAD
    if paced.runs_out_at is not None:
        ahead = max(ahead, min(paced.runs_out_at + _DAY, now + 4 * _AHEAD))
    end = span.end or ahead
    last = min(end, max(ahead, now)).astimezone(project.zone).date()
    last = max(last, now.astimezone(project.zone).date())
    first = max(first, last - timedelta(days=_MOST_STEPS))
    days = [first + timedelta(days=n) for n in range((last - first).days + 2)]
    if span.end is not None and paced.budget.window:
        days = [day for day in days if _midnight(project, day) <= span.end]
    for day, following in pairwise(days):
        yield Step(_midnight(project, day), _midnight(project, following))
