"""What happens to customers, as listeners hear it."""

from collections.abc import Mapping
from typing import Any

from promo.outbox.events import Event

#: Asks for the figures of a customer to be summed up anew; nobody is told of it.
FIGURES_OUTDATED = "customer.figures.outdated"


def customer_created(shown: Mapping[str, Any]) -> Event:
    return _about("customer.created", shown)


def customer_updated(shown: Mapping[str, Any]) -> Event:
    return _about("customer.updated", shown)


def customer_deleted(shown: Mapping[str, Any]) -> Event:
    return _about("customer.deleted", shown)


def customer_confirmed(shown: Mapping[str, Any], unconfirmed_id: str) -> Event:
    customer_id = shown["id"]
    return Event(
        type="customer.confirmed",
        entity_id=customer_id,
        customer_id=customer_id,
        payload={"customer": shown, "unconfirmed_customer": {"id": unconfirmed_id}},
    )


def customer_erased(customer_id: str) -> Event:
    """Tell of an erasure; of the person, nothing but the id is left to tell."""
    shown = {"id": customer_id, "object": "customer"}
    return Event(
        type="customer.deleted", entity_id=customer_id, payload={"customer": shown}
    )


def figures_outdated(customer_id: str) -> Event:
    return Event(
        type=FIGURES_OUTDATED,
        category="EFFECT",
        entity_id=customer_id,
        customer_id=customer_id,
    )


def _about(kind: str, shown: Mapping[str, Any]) -> Event:
    customer_id = shown["id"]
    return Event(
        type=kind,
        entity_id=customer_id,
        customer_id=customer_id,
        payload={"customer": shown},
    )


def segment_created(shown: Mapping[str, Any]) -> Event:
    return _about_segment("segment.created", shown)


def segment_updated(shown: Mapping[str, Any]) -> Event:
    return _about_segment("segment.updated", shown)


def segment_filters_updated(shown: Mapping[str, Any]) -> Event:
    return _about_segment("segment.filters_updated", shown)


def segment_activated(shown: Mapping[str, Any]) -> Event:
    return _about_segment("segment.activated", shown)


def segment_deleted(shown: Mapping[str, Any]) -> Event:
    return _about_segment("segment.deleted", shown)


def segment_entered(customer: Mapping[str, Any], segment: Mapping[str, Any]) -> Event:
    return _moved("customer.segment.entered", customer, segment)


def segment_left(customer: Mapping[str, Any], segment: Mapping[str, Any]) -> Event:
    return _moved("customer.segment.left", customer, segment)


def _about_segment(kind: str, shown: Mapping[str, Any]) -> Event:
    return Event(type=kind, entity_id=shown["id"], payload={"segment": shown})


def _moved(kind: str, customer: Mapping[str, Any], segment: Mapping[str, Any]) -> Event:
    return Event(
        type=kind,
        category="EFFECT",
        entity_id=segment["id"],
        customer_id=customer["id"],
        payload={"customer": customer, "segment": segment},
    )
