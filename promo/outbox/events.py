"""What an event is, and recording it in the transaction of the change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from promo import request_context
from promo.ids import new_id
from promo.outbox.models import LIFTED, DomainEvent
from promo.outbox.waking import wake_relay
from promo.row_writer import RowWriter
from promo.tenancy.models import Project

WRITER = RowWriter(DomainEvent)
#: One a shard: ids end in one of them, which is random.
_DIGITS = "0123456789abcdef"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A past-tense fact, ready to be told.

    ``type`` is the API's name, such as ``customer.created``. An ACTION is what
    somebody did, an EFFECT what followed from it. ``customer_id`` puts the event
    into that customer's activity feed, ``campaign_id`` into the campaign's.
    ``payload`` is the event's ``data`` as listeners get it, JSON throughout.
    """

    type: str
    entity_id: str = ""
    category: str = "ACTION"
    customer_id: str = ""
    campaign_id: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


def emit(project: Project, events: Sequence[Event], *, now: datetime) -> None:
    """Record ``events`` in order, with one statement, in the running transaction."""
    if not events:
        return
    WRITER.insert_values(rows_of(project, events, now=now))


def rows_of(
    project: Project, events: Sequence[Event], *, now: datetime
) -> list[dict[str, Any]]:
    """Return the values of the rows of ``events``, for who stores them with others.

    A relay is woken as soon as the running transaction is committed.
    """
    source = request_context.event_source()
    group = request_context.current().request_id
    transaction.on_commit(wake_relay, robust=True)
    keys = [key_of(event) for event in events]
    return [
        {
            "id": new_id("ev_"),
            "project_id": project.pk,
            "type": event.type,
            "category": event.category,
            "entity_id": event.entity_id,
            "customer_id": event.customer_id,
            "campaign_id": event.campaign_id,
            "payload": event.payload,
            "source": source,
            "group_id": group,
            "key": key,
            "shard": shard_of(key),
            "created_at": now,
            "published_at": None,
        }
        for event, key in zip(events, keys, strict=True)
    ]


def key_of(event: Event) -> str:
    """Return the id by which the order of events holds: a customer's, if there is one.

    A project's event of what a customer did goes with the customer's own.
    """
    if event.customer_id:
        return event.customer_id
    for shown in _tellers(event.payload):
        customer = shown.get("customer") or {}
        found = customer.get("id") or shown.get("customer_id")
        if found:
            return str(found)
    return event.entity_id


def shard_of(key: str) -> int:
    """Return the shard of a key, from 0 to ``SHARDS`` - 1: its last hex digit."""
    return max(0, _DIGITS.find(key[-1:]))


def shard_sql(key: str) -> str:
    """Return how PostgreSQL finds the shard of a key, an expression of our own."""
    return f"greatest(0, strpos('{_DIGITS}', right({key}, 1)) - 1)"


def _tellers(payload: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield where a payload says whose it is: itself, and what others are lifted of."""
    yield payload
    for name in payload.get(LIFTED, {}):
        yield payload[name]
