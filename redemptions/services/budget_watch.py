"""Watching over budgets: telling people in time, and stopping a campaign.

Source: campaigns specification, "Budgets, limits, calendar".
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction

from campaigns.models import Campaign
from campaigns.models.campaign import DisabledFor
from campaigns.services.campaign import disable_campaign
from campaigns.wire import simple_campaign
from promo.errors import InvalidPayload, PromoError
from promo.outbox.events import Event, emit
from promo.tenancy.models import Project
from redemptions import events
from redemptions.engine.counters import COUNTERS
from redemptions.models import BudgetAlert, BudgetWatch
from redemptions.services.budgets import Budget, budgets_by_campaign
from redemptions.services.schedules import check_recipients

MOST_THRESHOLDS = 10
_FULL = 100
PERIODS = {"d": "day", "w": "week", "m": "month", None: "ever"}

log = structlog.get_logger()


@transaction.atomic
def put_watch(
    campaign: Campaign,
    *,
    now: datetime,
    thresholds: Sequence[int],
    recipients: Sequence[str],
    stop_at: int | None,
) -> BudgetWatch:
    """Set at how many percents of a campaign's limits who is told, and when it stops.

    Without thresholds, recipients and stop nobody watches any more.

    Raises:
        InvalidPayload: no percents between 1 and 100, no e-mail address, or too many.
    """
    _check(thresholds, recipients, stop_at)
    watch, is_new = BudgetWatch.objects.get_or_create(
        campaign=campaign, defaults={"project": campaign.project, "created_at": now}
    )
    watch.thresholds = sorted(set(thresholds))
    watch.recipients = list(recipients)
    watch.stop_at = stop_at
    watch.updated_at = None if is_new else now
    watch.save()
    return watch


def _check(
    thresholds: Sequence[int], recipients: Sequence[str], stop_at: int | None
) -> None:
    percents = [*thresholds, *([] if stop_at is None else [stop_at])]
    if any(not 1 <= each <= _FULL for each in percents):
        raise InvalidPayload("Property .thresholds must be percents from 1 to 100")
    if len(thresholds) > MOST_THRESHOLDS:
        details = f"must NOT have more than {MOST_THRESHOLDS} items"
        raise InvalidPayload(f"Property .thresholds {details}")
    check_recipients(recipients)


def check_budgets(now: datetime) -> int:
    """Look at every budget that is watched; return how many thresholds are new.

    Running campaigns, and those whose last redemptions may just have used up a limit.
    """
    rows = BudgetWatch.objects.filter(
        campaign__deleted_at=None, campaign__active=True
    ).select_related("project", "campaign__project", "campaign__category")
    by_project: dict[str, list[BudgetWatch]] = {}
    for watch in rows.order_by("project_id", "pk"):
        by_project.setdefault(watch.project_id, []).append(watch)
    return sum(_check_project(watches, now) for watches in by_project.values())


def _check_project(watches: Sequence[BudgetWatch], now: datetime) -> int:
    project = watches[0].project
    keys = [watch.campaign_id for watch in watches]
    budgets = budgets_by_campaign(project, keys, now)
    known = _known(watches)
    count = 0
    for watch in watches:
        reached = [
            one
            for one in _reached(watch, budgets[watch.campaign_id], now)
            if _key(one) not in known
        ]
        if reached:
            count += _note(watch, reached, now)
    return count


def _key(alert: BudgetAlert) -> tuple[Any, ...]:
    return (
        alert.campaign_id,
        alert.rule,
        alert.bucket,
        alert.limit,
        alert.threshold,
    )


def _known(watches: Sequence[BudgetWatch]) -> set[tuple[Any, ...]]:
    campaigns = [watch.campaign_id for watch in watches]
    rows = BudgetAlert.objects.filter(campaign__in=campaigns)
    return set(rows.values_list("campaign_id", "rule", "bucket", "limit", "threshold"))


def _reached(
    watch: BudgetWatch, budgets: Sequence[Budget], now: datetime
) -> Iterator[BudgetAlert]:
    stop = [] if watch.stop_at is None else [watch.stop_at]
    for budget in budgets:
        if budget.used is None:
            continue
        for threshold in sorted({*watch.thresholds, *stop}):
            if budget.used * _FULL >= threshold * budget.limit:
                yield BudgetAlert(
                    project=watch.project,
                    campaign=watch.campaign,
                    rule=budget.rule,
                    bucket=budget.bucket,
                    limit=budget.limit,
                    threshold=threshold,
                    used=budget.used,
                    # What a day or month renews is held by its limit alone.
                    stopped=threshold == watch.stop_at and budget.window is None,
                    created_at=now,
                )


@transaction.atomic
def _note(watch: BudgetWatch, reached: Sequence[BudgetAlert], now: datetime) -> int:
    """Record what is new, tell of it and stop the campaign; return how many.

    The constraint lets each threshold of a period be recorded once, whoever looks; the
    watch is held, so that two who look at once do so one after the other.
    """
    held = BudgetWatch.objects.select_for_update().get(pk=watch.pk)
    known = _known([held])
    new = [alert for alert in reached if _key(alert) not in known]
    highest = {alert.rule: alert for alert in new}
    for alert in new:
        if alert is not highest[alert.rule] or not held.recipients:
            alert.told_at = now
    BudgetAlert.objects.bulk_create(new)
    emit(watch.project, [_event(watch, alert) for alert in new], now=now)
    if any(alert.stopped for alert in new):
        _stop(watch, now)
    return len(new)


def _stop(watch: BudgetWatch, now: datetime) -> None:
    try:
        disable_campaign(watch.campaign, now=now, reason=DisabledFor.BUDGET)
    except PromoError as refused:
        log.warning(
            "campaign_not_stopped", campaign_id=watch.campaign_id, key=refused.key
        )


def _event(watch: BudgetWatch, alert: BudgetAlert) -> Event:
    return events.budget_reached(
        simple_campaign(watch.campaign),
        {
            "rule": alert.rule,
            "period": PERIODS[COUNTERS[alert.rule].window],
            "limit": alert.limit,
            "used": alert.used,
            "left": max(0, alert.limit - alert.used),
            "threshold": alert.threshold,
        },
    )


def alerts_of(project: Project, campaign: Campaign, most: int) -> list[BudgetAlert]:
    """Return the latest alerts of a campaign."""
    rows = BudgetAlert.objects.filter(project=project, campaign=campaign)
    return list(rows.order_by("-created_at", "-pk")[:most])
