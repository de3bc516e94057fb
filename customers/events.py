"""What happens to customers, as listeners hear it."""

from collections.abc import Mapping
from typing import Any

from promo.outbox.events import Event


def customer_created(shown: Mapping[str, Any]) -> Event:
    return _about("customer.created", shown)


def customer_updated(shown: Mapping[str, Any]) -> Event:
    return _about("customer.updated", shown)


def customer_deleted(shown: Mapping[str, Any]) -> Event:
    return _about("customer.deleted", shown)


def customer_erased(customer_id: str) -> Event:
    """Tell of an erasure; of the person, nothing but the id is left to tell."""
    shown = {"id": customer_id, "object": "customer"}
    return Event(
        type="customer.deleted", entity_id=customer_id, payload={"customer": shown}
    )


def _about(kind: str, shown: Mapping[str, Any]) -> Event:
    customer_id = shown["id"]
    return Event(
        type=kind,
        entity_id=customer_id,
        customer_id=customer_id,
        payload={"customer": shown},
    )
