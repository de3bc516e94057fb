"""What there is to count: of a project in four statements, of a campaign in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from campaigns.models import Campaign
from promo.tenancy.models import Project
from redemptions.models import Redemption
from redemptions.models.redemption import STANDING, Kind, Result

DAYS = 30
ENDING_SOON = timedelta(days=7)
_TOP = 5

_REFUSED = Q(object=Kind.REDEMPTION, result=Result.FAILURE)
#: The discount that stands: units returned take their part back.
_GIVEN = F("applied_amount") - F("returned_amount")


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
    message: str
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What the home page shows, as of one moment.

    ``days`` are the last thirty with today as the last one, none left out.
    ``top`` and ``failures`` are of the same days, the most frequent first.
    """

    running: int
    scheduled: int
    ending_soon: int
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
    rows = campaign.project.redemptions.filter(campaign=campaign)
    sums = rows.aggregate(
        redeemed=Count("pk", filter=STANDING),
        refused=Count("pk", filter=_REFUSED),
        discount=Sum(_GIVEN, filter=STANDING, default=0),
    )
    return CampaignTotals(**sums)


def home_figures(project: Project, now: datetime) -> Figures:
    """Return the figures of a project as of ``now``."""
    last = now.astimezone(project.zone).date()
    first = last - timedelta(days=DAYS - 1)
    since = datetime.combine(first, time.min, tzinfo=project.zone)
    rows = project.redemptions.filter(created_at__gte=since)
    return Figures(
        **_campaigns(project, now),
        days=_days(rows, project, first),
        top=_top(rows),
        failures=_failures(rows),
    )


def _campaigns(project: Project, now: datetime) -> dict[str, int]:
    running = Q(pk__in=project.campaigns.running_at(now).order_by().values("pk"))
    soon = Q(expiration_date__lt=now + ENDING_SOON)
    alive = Campaign.objects.alive().filter(project=project)
    return alive.aggregate(
        running=Count("pk", filter=running),
        scheduled=Count("pk", filter=Q(active=True, start_date__gt=now)),
        ending_soon=Count("pk", filter=running & soon),
    )


def _days(rows: QuerySet[Redemption], project: Project, first: date) -> tuple[Day, ...]:
    counted = (
        rows.order_by()
        .values(day=TruncDate("created_at", tzinfo=project.zone))
        .annotate(
            redeemed=Count("pk", filter=STANDING),
            refused=Count("pk", filter=_REFUSED),
            given=Sum(_GIVEN, filter=STANDING, default=0),
        )
    )
    known: dict[date, Any] = {row["day"]: row for row in counted}
    wanted = (first + timedelta(days=number) for number in range(DAYS))
    return tuple(
        Day(day, row["redeemed"], row["refused"], row["given"])
        if (row := known.get(day))
        else Day(day)
        for day in wanted
    )


def _top(rows: QuerySet[Redemption]) -> tuple[TopCampaign, ...]:
    counted = (
        rows.filter(STANDING, campaign__isnull=False)
        .order_by()
        .values("campaign_id", "campaign__name")
        .annotate(redeemed=Count("pk"), given=Sum(_GIVEN))
        .order_by("-redeemed", "campaign__name")[:_TOP]
    )
    return tuple(
        TopCampaign(
            row["campaign_id"], row["campaign__name"], row["redeemed"], row["given"]
        )
        for row in counted
    )


def _failures(rows: QuerySet[Redemption]) -> tuple[Failure, ...]:
    counted = (
        rows.filter(_REFUSED)
        .order_by()
        .values("failure_code", "failure_message")
        .annotate(count=Count("pk"))
        .order_by("-count", "failure_code")[:_TOP]
    )
    return tuple(
        Failure(row["failure_code"], row["failure_message"], row["count"])
        for row in counted
    )
