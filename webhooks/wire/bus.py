"""Events as the bus tells them.

Source: integrations specification, "Producing".
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.conf import settings

from promo.clock import isoformat
from promo.outbox.catalogue import heard_by
from promo.outbox.declaring import Audience
from webhooks.engine.bus import topics
from webhooks.engine.bus.cloud_event import CloudEvent
from webhooks.engine.bus.tracing import trace_parent

SCHEMAS = "/asyncapi.json#/components/schemas/bus."
EVENTS = "/v1/domain-events/"
# Either: a type that both hear is named once.
_AUDIENCES = (Audience.PROJECT, Audience.DISTRIBUTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldEvent:
    """A stored event as the bus tells it; ``data`` is the text of a JSON object.

    It is written as PostgreSQL read it: nobody takes it apart on the way.
    """

    id: str
    project_id: str
    type: str
    entity_id: str
    group_id: str
    key: str
    created_at: datetime
    data: str


@cache
def bus_events() -> frozenset[str]:
    """Return the types of events that the bus tells: those that anybody may ask for."""
    return frozenset(name for audience in _AUDIENCES for name in heard_by(audience))


def key_of(event: ToldEvent) -> str:
    """Return what the order of an event holds by: never nothing."""
    return event.key or event.entity_id or event.project_id


def topic_of(event: ToldEvent) -> str:
    """Return the topic that an event is told in."""
    return topics.event_topic(
        settings.KAFKA_EVENTS_TOPIC, project_id=event.project_id, event_type=event.type
    )


def source_of(project_id: str) -> str:
    """Return who tells the events of a project."""
    return f"{settings.PUBLIC_URL}/projects/{project_id}"


def cloud_event(event: ToldEvent, *, sequence: str, whole: bool = True) -> CloudEvent:
    """Return an event with its data; where not ``whole``, with the data's address."""
    return CloudEvent(
        id=event.id,
        type=topics.type_name(settings.KAFKA_EVENTS_PREFIX, event.type),
        source=source_of(event.project_id),
        subject=event.entity_id,
        time=isoformat(event.created_at),
        key=key_of(event),
        sequence=sequence,
        project_id=event.project_id,
        schema=f"{settings.PUBLIC_URL}{SCHEMAS}{event.type}",
        trace_parent=trace_parent(event.group_id, event.id),
        data=event.data if whole else "",
        data_ref="" if whole else f"{settings.PUBLIC_URL}{EVENTS}{event.id}",
    )
