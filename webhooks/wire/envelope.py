"""The body of a sendout.

Source: platform specification, "Envelope".
"""

from typing import Any

from promo.clock import isoformat
from promo.outbox.catalogue import event_types
from promo.outbox.models import DomainEvent
from webhooks.engine.json_text import as_sent
from webhooks.models import Delivery, DistributionMessage

Json = dict[str, Any]


def envelope(delivery: Delivery, event: DomainEvent) -> Json:
    """Return what a receiver gets; the same in every attempt."""
    if delivery.message is not None:
        return _of_message(delivery, delivery.message, event)
    source = (delivery.webhook_id, "webhook")
    return _wrapped(delivery, event, delivery.type, data_of(event), source)


def body_of(delivery: Delivery, event: DomainEvent) -> str:
    """Return the body as it is sent and signed.

    A distribution may have designed all of it.
    """
    designed = _designed(delivery.message)
    if designed.get("raw"):
        data = designed["data"]
        return data if isinstance(data, str) else as_sent(data)
    return as_sent(envelope(delivery, event))


def _of_message(
    delivery: Delivery, message: DistributionMessage, event: DomainEvent
) -> Json:
    designed = _designed(message)
    name = designed.get("type") or event.type
    source = (message.distribution_id, "distribution")
    return _wrapped(delivery, event, name, designed.get("data"), source)


def _designed(message: DistributionMessage | None) -> Json:
    kept = None if message is None else message.sent
    found: Json = (kept or {}).get("body") or {}
    return found


def _wrapped(
    delivery: Delivery,
    event: DomainEvent,
    name: str,
    data: Any,
    source: tuple[str, str],
) -> Json:
    source_id, kind = source
    return {
        "id": delivery.pk,
        "project_id": delivery.project_id,
        "created_at": isoformat(delivery.created_at),
        "type": name,
        "data": data,
        "source": {
            "id": source_id,
            "object": kind,
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


def data_of(event: DomainEvent) -> Json:
    """Return what happened, each key that the catalogue promises among it."""
    declared = event_types()[event.type].data
    return {key.name: None for key in declared if key.nullable} | event.data


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
