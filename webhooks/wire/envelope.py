"""The body of a sendout.

Source: platform specification, "Envelope".
"""

from typing import Any

from promo.clock import isoformat
from promo.outbox.catalogue import event_types
from promo.outbox.models import DomainEvent
from webhooks.engine.json_text import as_sent
from webhooks.models import Delivery

Json = dict[str, Any]


def envelope(delivery: Delivery, event: DomainEvent) -> Json:
    """Return what a receiver gets; the same in every attempt."""
    data = {key.name: None for key in event_types()[delivery.type].data if key.nullable}
    return {
        "id": delivery.pk,
        "project_id": delivery.project_id,
        "created_at": isoformat(delivery.created_at),
        "type": delivery.type,
        "data": data | event.data,
        "source": {
            "id": delivery.webhook_id,
            "object": "webhook",
            "target_url": delivery.webhook.target_url,
        },
        "event": {
            "id": f"ev{event.type[:3]}_{event.pk.removeprefix('ev_')}",
            "type": event.type,
            "created_at": isoformat(event.created_at),
            "entity_id": event.entity_id,
            "group_id": event.group_id,
            "event_source": event.source,
        },
    }


def body_of(delivery: Delivery, event: DomainEvent) -> str:
    """Return the body as it is sent and signed."""
    return as_sent(envelope(delivery, event))


def sample_event(delivery: Delivery) -> DomainEvent:
    """Return the event that a test stands for."""
    return DomainEvent(
        pk=delivery.event_id,
        project_id=delivery.project_id,
        type=delivery.type,
        payload=delivery.sample or {},
        source={"channel": "USER_PORTAL"},
        created_at=delivery.created_at,
    )
