"""Making messages of what happens, in the transaction of the relay.

Source: campaigns specification, "Distributions".
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache, partial

from celery import current_app
from django.db import transaction
from django.db.models import Q

from promo.outbox.catalogue import heard_by
from promo.outbox.declaring import Audience
from promo.outbox.models import DomainEvent
from promo.row_writer import RowWriter
from webhooks.engine.distributions.timing import due_at
from webhooks.engine.distributions.triggers import MANUAL_START, Occurrence, matches
from webhooks.models import (
    Distribution,
    DistributionMessage,
    DistributionStatus,
    MessageState,
)
from webhooks.services.distributions.making import messages_of

WRITER = RowWriter(DistributionMessage)
_TASK = "webhooks.tasks.send_messages"


def hear_events(events: Sequence[DomainEvent], *, now: datetime) -> None:
    """Owe customers the messages of all distributions that wait for ``events``.

    Two statements, whatever the number of events, distributions and channels. Hearing
    an event twice makes its messages once.
    """
    told = [event for event in events if event.type in _heard()]
    if not told:
        return
    listening: dict[str, list[Distribution]] = {}
    for each in _listening(told):
        listening.setdefault(each.project_id, []).append(each)
    owed = [
        message
        for event in told
        for message in _owed(event, listening.get(event.project_id, ()), now)
    ]
    if owed:
        WRITER.insert_new(owed)
        if any(_is_due(message, now) for message in owed):
            wake_senders()


def wake_senders() -> None:
    """Have due messages sent as soon as the transaction is committed."""
    send = partial(current_app.send_task, _TASK, retry=False, expires=60)
    transaction.on_commit(send, robust=True)


def occurrence_of(event: DomainEvent) -> Occurrence:
    """Return an event as triggers look at it."""
    return Occurrence(event.type, event.data, event.campaign_id, event.customer_id)


@cache
def _heard() -> frozenset[str]:
    return frozenset(heard_by(Audience.DISTRIBUTION))


def _listening(events: Sequence[DomainEvent]) -> list[Distribution]:
    """Return the distributions that wait for one of the types of ``events``.

    Who is reached by hand is told even while the distribution rests: nobody comes by
    a second time.
    """
    started = {event.entity_id for event in events if event.type == MANUAL_START}
    types = {event.type for event in events} - {MANUAL_START}
    waits = Q(status=DistributionStatus.ACTIVE, trigger_type__in=types)
    named = Q(pk__in=started) & ~Q(status=DistributionStatus.FAILED)
    rows = Distribution.objects.filter(
        waits | named, project__in={event.project_id for event in events}
    )
    return list(rows.select_related("project").order_by("pk"))


def _owed(
    event: DomainEvent, distributions: Sequence[Distribution], now: datetime
) -> Iterator[DistributionMessage]:
    if not distributions:
        return
    told = occurrence_of(event)
    for each in distributions:
        if matches(each.trigger, each.pk, told):
            yield from _messages(each, event, told, now)


def _messages(
    distribution: Distribution, event: DomainEvent, told: Occurrence, now: datetime
) -> list[DistributionMessage]:
    due = due_at(
        distribution.delay,
        told_at=event.created_at,
        data=told.data,
        zone=distribution.project.zone,
    )
    return messages_of(distribution, event, customer_id=told.customer, due=due, now=now)


def _is_due(message: DistributionMessage, now: datetime) -> bool:
    return message.state == MessageState.WAITING and message.due_at <= now
