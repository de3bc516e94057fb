"""What an event is, and recording it in the transaction of the change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from promo import request_context
from promo.outbox.models import DomainEvent
from promo.row_writer import RowWriter
from promo.tenancy.models import Project

WRITER = RowWriter(DomainEvent)


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
    WRITER.insert(rows_of(project, events, now=now))


def rows_of(
    project: Project, events: Sequence[Event], *, now: datetime
) -> list[DomainEvent]:
    """Return the rows of ``events``, for who stores them along with others."""
    source = request_context.event_source()
    group = request_context.current().request_id
    return [
        DomainEvent(
            project=project,
            type=event.type,
            category=event.category,
            entity_id=event.entity_id,
            customer_id=event.customer_id,
            campaign_id=event.campaign_id,
            payload=dict(event.payload),
            source=source,
            group_id=group,
            created_at=now,
        )
        for event in events
    ]
