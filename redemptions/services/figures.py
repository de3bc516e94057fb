"""What there is to count: of a project in six statements, of a campaign in one.

Redemptions are counted from what is kept for reports (ADR 0022), which follows them
within moments: no statement reads a row of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate

from campaigns.models import Campaign
from campaigns.services.states import RUNNING, SCHEDULED, SOON, campaign_state
from promo import ids
from promo.jobs.failures import failed_since
from promo.tenancy.models import Project
from redemptions.models import ReportSum
from redemptions.models.report import Tallied
from redemptions.services.report import Days, Scope, ranking, sums_of

DAYS = 30
_TOP = 5

#: Redemptions that stand: what was undone has left the discount already.
_REDEEMED = Sum(F("redemptions") - F("rolled_back"), default=0)
_REFUSED = Sum("refused", default=0)
_GIVEN = Sum("discount", default=0)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the project's zone; ``discount`` is in minor units."""

    day: date
    redeemed: int = 0
    refused: int = 0
    discount: int = 0


@dataclass(frozen=True, slots=True)
class TopCampaign:
    """A campaign with its standing redemptions; ``discount`` is in minor units."""

    id: str
    name: str
    redeemed: int
    discount: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A reason for which redemptions were refused, and how often."""

    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What the home page shows, as of one moment.

    ``starting_soon`` and ``ending_soon`` mean within a week. ``failed_jobs`` is the
    background work of the same days that failed; ``days`` are the last thirty with
    today as the last one, none left out. ``top`` and ``failures`` are of the
    same days, the most frequent first.
    """

    running: int
    scheduled: int
    starting_soon: int
    ending_soon: int
    failed_jobs: int
    days: Sequence[Day]
    top: Sequence[TopCampaign]
    failures: Sequence[Failure]

    @property
    def today(self) -> Day:
        """The day that is not over yet."""
        return self.days[-1]

    @property
    def redeemed(self) -> int:
        """Redemptions of all the days."""
        return sum(day.redeemed for day in self.days)

    @property
    def refused(self) -> int:
        """Refused attempts of all the days."""
        return sum(day.refused for day in self.days)

    @property
    def discount(self) -> int:
        """What all the days' redemptions gave, in minor units."""
        return sum(day.discount for day in self.days)


@dataclass(frozen=True, slots=True)
class CampaignTotals:
    """A campaign over its life; ``discount`` is in minor units."""

    redeemed: int
    refused: int
    discount: int


def campaign_totals(campaign: Campaign) -> CampaignTotals:
    """Return what a campaign's redemptions come to."""
    scope = Scope(campaign.project, campaign)
    rows = ReportSum.objects.filter(project=campaign.project, scope=scope.key)
    sums = rows.aggregate(stands=_REDEEMED, refused_sum=_REFUSED, given=_GIVEN)
    return CampaignTotals(sums["stands"], sums["refused_sum"], sums["given"])


def uses_of_campaigns(project: Project, ids_: Sequence[str]) -> dict[str, int]:
    """Return how many redemptions of each campaign stand, by its id."""
    keys = [ids.parse("camp_", one) for one in ids_]
    rows = ReportSum.objects.filter(project=project, scope__in=keys).order_by()
    found = rows.values_list("scope").annotate(stands=_REDEEMED)
    return {ids.show("camp_", key): count for key, count in found}


def home_figures(project: Project, now: datetime) -> Figures:
    """Return the figures of a project as of ``now``."""
    last = now.astimezone(project.zone).date()
    days, scope = Days(last - timedelta(days=DAYS - 1), last), Scope(project)
    return Figures(
        **_campaigns(project, now),
        failed_jobs=failed_since(project, scope.midnight(days.first)),
        days=_days(scope, days),
        top=_top(scope, days),
        failures=_failures(scope, days),
    )


def _campaigns(project: Project, now: datetime) -> dict[str, int]:
    alive = Campaign.objects.alive().filter(project=project)
    running, scheduled = Q(state=RUNNING), Q(state=SCHEDULED)
    ending, starting = Q(expiration_date__lt=now + SOON), Q(start_date__lt=now + SOON)
    return alive.annotate(state=campaign_state(now)).aggregate(
        running=Count("pk", filter=running),
        scheduled=Count("pk", filter=scheduled),
        starting_soon=Count("pk", filter=scheduled & starting),
        ending_soon=Count("pk", filter=running & ending),
    )


def _days(scope: Scope, days: Days) -> tuple[Day, ...]:
    counted = (
        sums_of(scope, days)
        .values(day=TruncDate("at", tzinfo=scope.project.zone))
        .annotate(stands=_REDEEMED, refused_sum=_REFUSED, given=_GIVEN)
    )
    known: dict[date, Any] = {row["day"]: row for row in counted}
    wanted = (days.first + timedelta(days=number) for number in range(days.count))
    return tuple(
        Day(day, row["stands"], row["refused_sum"], row["given"])
        if (row := known.get(day))
        else Day(day)
        for day in wanted
    )


def _top(scope: Scope, days: Days) -> tuple[TopCampaign, ...]:
    end = scope.midnight(days.last + timedelta(days=1))
    counted = list(
        ReportSum.objects.filter(
            project=scope.project, at__gte=scope.midnight(days.first), at__lt=end
        )
        .exclude(scope=scope.key)
        .order_by()
        .values("scope")
        .annotate(stands=_REDEEMED, given=_GIVEN)
        .filter(stands__gt=0)
        .order_by("-stands", "scope")[:_TOP]
    )
    keys = [ids.show("camp_", row["scope"]) for row in counted]
    names = dict(
        Campaign.objects.filter(project=scope.project, pk__in=keys).values_list(
            "pk", "name"
        )
    )
    return tuple(
        TopCampaign(key, names.get(key, ""), row["stands"], row["given"])
        for key, row in zip(keys, counted, strict=True)
    )


def _failures(scope: Scope, days: Days) -> tuple[Failure, ...]:
    found = ranking(scope, days, Tallied.REASON)[:_TOP]
    return tuple(Failure(code, times) for _, code, times, _ in found)
