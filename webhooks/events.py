"""What distributions tell, as listeners hear it."""

from collections.abc import Mapping
from typing import Any

from promo.outbox.events import Event
from webhooks.engine.distributions.triggers import MANUAL_START

Shown = Mapping[str, Any]


def reached(distribution: Shown, customer: Shown, segment: Shown | None) -> Event:
    """Tell that it is somebody's turn in a distribution that was started.

    What it sends is added when it is sent.
    """
    payload = {"distribution": dict(distribution), "customer": dict(customer)}
    return Event(
        type=MANUAL_START,
        category="EFFECT",
        entity_id=distribution["id"],
        payload=payload | ({"segment": dict(segment)} if segment else {}),
    )


def message_tried(kind: str, message_id: str, customer: Shown, message: Shown) -> Event:
    """Tell what became of a message to a customer."""
    return Event(
        type=kind,
        category="EFFECT",
        entity_id=message_id,
        customer_id=customer["id"],
        payload={"customer": dict(customer), "message": dict(message)},
    )
