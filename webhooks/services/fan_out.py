"""Making sendouts of events, in the transaction of the relay."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any

from celery import current_app
from django.db import transaction

from promo.ids import new_id
from promo.outbox.catalogue import webhook_events
from promo.outbox.models import DomainEvent
from promo.row_writer import RowWriter
from webhooks.engine.event_names import event_of
from webhooks.models import Delivery, Webhook

WRITER = RowWriter(Delivery)
_TASK = "webhooks.tasks.deliver"


def hear_events(events: Sequence[DomainEvent], *, now: datetime) -> None:
    """Owe each active webhook a sendout of every event that it asks for."""
    told = [event for event in events if event.type in _project_events()]
    if not told:
        return
    projects = {event.project_id for event in told}
    webhooks: dict[str, list[tuple[Webhook, frozenset[str]]]] = {}
    for webhook in Webhook.objects.configured().active().filter(project__in=projects):
        asked = webhooks.setdefault(webhook.project_id, [])
        asked.append((webhook, events_of(webhook)))
    owed = [
        _sendout_of(event, webhook, now=now)
        for event in told
        for webhook, names in webhooks.get(event.project_id, ())
        if event.type in names
    ]
    if owed:
        WRITER.insert_new_values(owed)
        wake_senders()


def events_of(webhook: Webhook) -> frozenset[str]:
    """Return the names of the events that a webhook asks for, spelled correctly."""
    if webhook.all_events:
        return _project_events()
    return frozenset(event_of(name) for name in webhook.events)


def _sendout_of(
    event: DomainEvent, webhook: Webhook, *, now: datetime
) -> dict[str, Any]:
    """Return the values of the row of an event's sendout."""
    return _fresh() | {
        "id": new_id("whs_"),
        "project_id": event.project_id,
        "webhook_id": webhook.pk,
        "event_id": event.pk,
        "event_created_at": event.created_at,
        "type": event.type,
        "key": event.key,
        "due_at": now,
        "created_at": now,
    }


@cache
def _fresh() -> dict[str, Any]:
    """Return the values of a sendout that nothing has been said about."""
    return vars(Delivery(id=""))


def wake_senders() -> None:
    """Have what is owed sent as soon as the transaction is committed."""
    send = partial(current_app.send_task, _TASK, retry=False, expires=60)
    transaction.on_commit(send, robust=True)


@cache
def _project_events() -> frozenset[str]:
    return frozenset(webhook_events())
