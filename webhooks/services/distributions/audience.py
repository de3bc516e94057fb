"""Going through people who are there already: a manual start, and existing members.

Each step reaches some of them in a transaction of its own and remembers the last one,
so that nobody is told twice and a killed worker loses nothing.

Source: campaigns specification, "Distributions".
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from customers.services.recipients import next_members, people_by_id
from customers.services.rendering import full_customer, simple_segment
from customers.services.segment_use import is_complete, name_of
from promo.outbox.events import emit
from promo.outbox.models import DomainEvent
from webhooks import events
from webhooks.engine.distributions.triggers import MANUAL_START
from webhooks.models import (
    Distribution,
    DistributionKind,
    DistributionMessage,
    DistributionStatus,
)
from webhooks.wire.distribution import simple_distribution

#: So many people are reached at once.
PORTION = 500
#: So many portions one call takes, before others have their turn.
MOST_PORTIONS = 100
_MOST = 100


@transaction.atomic
def start_due(*, now: datetime) -> int:
    """Start the manual distributions whose time has come; return how many.

    One whose segment is not complete yet goes on waiting; one that has nobody to reach
    any more has failed.
    """
    due = Distribution.objects.due_at(now).select_related("project").order_by("pk")
    started = 0
    for each in _held(due)[:_MOST]:
        there = _is_there(each)
        if there is None:
            each.status = DistributionStatus.FAILED
            each.paused_reason = "audience_gone"
        elif there:
            each.status = DistributionStatus.ACTIVE
            started += 1
        each.updated_at = now
        each.save(update_fields=["status", "paused_reason", "updated_at"])
    return started


def reach_everybody(*, now: datetime) -> int:
    """Tell of people whom started distributions have yet to reach; return how many.

    One transaction a portion, and no more than ``MOST_PORTIONS`` in all: the next call
    goes on.
    """
    reached, portions = 0, 0
    rows = Distribution.objects.active().filter(starts_at__lte=now, reached_all_at=None)
    for pk in rows.order_by("starts_at", "pk").values_list("pk", flat=True):
        while portions < MOST_PORTIONS:
            more = reach_next(pk, now=now)
            if more is None:
                break
            reached, portions = reached + more, portions + 1
    return reached


@transaction.atomic
def reach_next(distribution_id: str, *, now: datetime) -> int | None:
    """Tell of the next people of a distribution; return how many, None at the end.

    Nobody else does so meanwhile.
    """
    rows = Distribution.objects.active().filter(
        pk=distribution_id, starts_at__lte=now, reached_all_at=None
    )
    found = _held(rows.select_related("project"))
    if not found:
        return None
    held = found[0]
    people = _next_people(held)
    if people is None:
        return None
    shown = simple_distribution(held)
    segment = _segment(held)
    emit(
        held.project,
        [events.reached(shown, full_customer(person), segment) for person in people],
        now=now,
    )
    if people:
        held.reached_id = people[-1].pk
    if len(people) < PORTION:
        held.reached_all_at = now
    held.save(update_fields=["reached_id", "reached_all_at"])
    return len(people)


@transaction.atomic
def finish_done(*, now: datetime) -> int:
    """Close the manual distributions that have nothing to send any more."""
    rows = Distribution.objects.active().filter(
        kind=DistributionKind.MANUAL, reached_all_at__isnull=False
    )
    running = list(rows.values_list("pk", flat=True))
    if not running:
        return 0
    # In this order: what is told meanwhile has its messages by then.
    untold = DomainEvent.objects.filter(
        type=MANUAL_START, published_at=None, entity_id__in=running
    )
    busy = set(untold.values_list("entity_id", flat=True).distinct())
    owing = DistributionMessage.objects.unfinished().filter(distribution__in=running)
    busy |= set(owing.values_list("distribution_id", flat=True).distinct())
    done = rows.filter(pk__in=set(running) - busy)
    return done.update(status=DistributionStatus.DONE, updated_at=now)


def _held(rows: QuerySet[Distribution]) -> list[Distribution]:
    return list(rows.select_for_update(skip_locked=True, no_key=True, of=("self",)))


def _segment_id(distribution: Distribution) -> str | None:
    named = distribution.audience.get("segment_id")
    found: str | None = named or distribution.trigger.get("segment_id")
    return found


def _is_there(distribution: Distribution) -> bool | None:
    """Say whether people can be reached yet, None where there is nobody any more."""
    segment_id = _segment_id(distribution)
    if segment_id is not None:
        return is_complete(distribution.project, segment_id)
    person = distribution.audience["customer_id"]
    return bool(people_by_id(distribution.project, [person])) or None


def _next_people(distribution: Distribution) -> Sequence[Any] | None:
    """Return who is next, None where one has to wait for the segment."""
    project, segment_id = distribution.project, _segment_id(distribution)
    if segment_id is None:
        person = distribution.audience["customer_id"]
        return list(people_by_id(project, [person]).values())
    if not is_complete(project, segment_id):
        return None
    return next_members(
        project, segment_id, after=distribution.reached_id, count=PORTION
    )


def _segment(distribution: Distribution) -> dict[str, Any] | None:
    segment_id = _segment_id(distribution)
    if segment_id is None:
        return None
    return simple_segment(segment_id, name_of(distribution.project, segment_id))
