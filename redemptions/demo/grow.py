"""Growing the demo shop to the size of a large one, to try its screens at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from customers.models.segment import SegmentType
from customers.services.segment import place_customers
from promo import ids
from promo.jobs.actions import run_all
from promo.outbox.relay import publish_batch
from promo.tenancy.models import Project
from redemptions.demo import grow_sql
from redemptions.models import Counter, Order, Redemption
from redemptions.services.customer_summary import refresh_summaries
from redemptions.services.report_proof import rebuild_reports

#: Of a hundred redemptions so many are refused.
_REFUSED = 7
_PORTION = 10_000
_TABLES = (
    *("campaigns_voucher", "campaigns_campaign", "customers_customer"),
    *(Order._meta.db_table, Redemption._meta.db_table, Counter._meta.db_table),
    *("redemptions_reportsum", "redemptions_reporttally", "redemptions_reportorder"),
)
Say = Callable[[str], None]


@dataclass(frozen=True)
class Target:
    """How many rows there are to be of each; what is there already counts."""

    codes: int = 1_000_000
    customers: int = 200_000
    redemptions: int = 500_000


def grow_shop(project: Project, target: Target, *, now: datetime, say: Say) -> bool:
    """Grow a demo shop to ``target``; return whether anything was missing.

    Nothing is taken away, and a second call adds nothing. Codes that are redeemed have
    to be there unused: there are never more new redemptions than such codes. What is
    grown is told to nobody: the figures that events keep are added up anew instead.
    """
    if not _grow_rows(project, target, now=now, say=say):
        return False
    _analyse()
    say("Adding up what customers and reports are told.")
    _sum_up_people(project, now=now)
    rebuild_reports(project, now=now)
    for segment in project.segments.exclude(type=SegmentType.STATIC):
        place_customers(segment, now=now)
    run_all(project, now=now)
    while publish_batch(now=now):
        pass
    _analyse()
    return True


def _grow_rows(project: Project, target: Target, *, now: datetime, say: Say) -> bool:
    """Add what is missing, one kind after the other: each fits what is there."""
    steps = (
        ("codes", "Making {:,} codes.", _issue_codes),
        ("customers", "Inviting {:,} people.", _invite_people),
        ("redemptions", "Checking out {:,} times.", _check_out),
    )
    grown = [
        _grow(project, name, getattr(target, name), grow, now=now, say=said, tell=say)
        for name, said, grow in steps
    ]
    return any(grown)


@transaction.atomic
def _grow(
    project: Project,
    name: str,
    target: int,
    grow: Callable[..., None],
    *,
    now: datetime,
    say: str,
    tell: Say,
) -> bool:
    """Grow one kind to ``target``; two who do it at once do it once."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    rows: dict[str, Any] = {
        "codes": project.vouchers.filter(deleted_at=None),
        "customers": project.customers.filter(deleted_at=None),
        "redemptions": Redemption.objects.filter(project=project),
    }
    present = rows[name].count()
    if present >= target:
        return False
    tell(say.format(target - present))
    base = {"project": ids.parse("proj_", project.pk), "now": now}
    grow(base, count=target - present, present=present)
    return True


def _issue_codes(base: dict[str, Any], *, count: int, present: int) -> None:
    _run(grow_sql.CODES, base, count=count)


def _invite_people(base: dict[str, Any], *, count: int, present: int) -> None:
    _run(grow_sql.PEOPLE, base, count=count, present=present)


def _check_out(base: dict[str, Any], *, count: int, present: int) -> None:
    refused = count * _REFUSED // 100
    with connection.cursor() as cursor:
        # What has just been made is planned with its real size.
        cursor.execute("ANALYZE campaigns_voucher, customers_customer")
    _run(grow_sql.PLANNED, base, count=count - refused)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE planned")
    for statement in (
        grow_sql.ORDERS,
        grow_sql.REDEMPTIONS,
        grow_sql.USES,
        grow_sql.COUNTERS,
    ):
        _run(statement, base)
    _run(grow_sql.REFUSALS, base, count=refused)


def _run(statement: str, base: dict[str, Any], **values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**base, **values})


def _analyse() -> None:
    """Let PostgreSQL know how much there is now."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE " + ", ".join(_TABLES))


def _sum_up_people(project: Project, *, now: datetime) -> None:
    people = project.customers.filter(source_id__startswith="guest-").order_by("pk")
    keys = list(people.values_list("pk", flat=True))
    for begin in range(0, len(keys), _PORTION):
        with transaction.atomic():
            refresh_summaries(project, keys[begin : begin + _PORTION], now=now)
