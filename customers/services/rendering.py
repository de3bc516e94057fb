"""Customers as the API and events show them."""

from collections.abc import Iterable
from typing import Any

from customers.models import (
    Consent,
    ConsentGroup,
    Customer,
    CustomEvent,
    CustomEventSchema,
    Location,
    Segment,
    UnconfirmedCustomer,
)
from customers.models.customer import empty_loyalty, empty_summary
from promo.clock import isoformat


def full_customer(customer: Customer) -> dict[str, Any]:
    """Return the whole representation, JSON throughout.

    Unset texts that the contract always shows are null, the others are left out.

    Source: data specification, "Customers, Fields".
    """
    shown: dict[str, Any] = {
        "id": customer.pk,
        "source_id": customer.source_id or None,
        "name": customer.name or None,
        "email": customer.email or None,
        "address": customer.address,
        "summary": customer.summary,
        "loyalty": customer.loyalty,
        "referrals": customer.referrals,
        "metadata": customer.metadata,
        "system_metadata": customer.system_metadata,
        "created_at": isoformat(customer.created_at),
        "object": "customer",
    }
    optional = {
        "description": customer.description,
        "phone": customer.phone,
        "birthdate": customer.birthdate and customer.birthdate.isoformat(),
        "birthday": customer.birthday and customer.birthday.isoformat(),
        "updated_at": customer.updated_at and isoformat(customer.updated_at),
    }
    return shown | {name: value for name, value in optional.items() if value}


def simple_customer(customer: Customer) -> dict[str, Any]:
    """Return what redemptions, events and webhooks embed.

    Source: data specification, "Customers, Fields".
    """
    return {
        "id": customer.pk,
        "name": customer.name or None,
        "email": customer.email or None,
        "source_id": customer.source_id or None,
        "metadata": customer.metadata,
        "object": "customer",
    }


def unconfirmed_customer(pending: UnconfirmedCustomer) -> dict[str, Any]:
    """Return somebody whose address is to be confirmed: hardly anything is known.

    Source: data specification, "Consents, double opt-in, preference centre".
    """
    return {
        "summary": empty_summary(),
        "email": pending.email,
        "loyalty": empty_loyalty(),
        "object": "unconfirmed_customer",
    }


def consent_as_json(consent: Consent) -> dict[str, Any]:
    """Return one thing to agree to."""
    return {
        "id": consent.pk,
        "name": consent.name,
        "description": consent.description or None,
        "category": consent.category,
        "created_at": isoformat(consent.created_at),
        "updated_at": consent.updated_at and isoformat(consent.updated_at),
        "object": "consent",
    }


def consent_group_as_json(
    group: ConsentGroup, consents: Iterable[Consent]
) -> dict[str, Any]:
    """Return a group with the ids of its ``consents``."""
    return {
        "id": group.pk,
        "name": group.name,
        "description": group.description or None,
        "consents": [consent.pk for consent in consents],
        "created_at": isoformat(group.created_at),
        "updated_at": group.updated_at and isoformat(group.updated_at),
        "object": "consent_group",
    }


def segment_as_json(segment: Segment) -> dict[str, Any]:
    """Return a segment as the API and events about it show it.

    Source: data specification, "Segments, Types".
    """
    shown = {
        "id": segment.pk,
        "name": segment.name,
        "created_at": isoformat(segment.created_at),
        "type": segment.type,
        "filter": segment.filter,
        "object": "segment",
    }
    if segment.updated_at is not None:
        shown["updated_at"] = isoformat(segment.updated_at)
    return shown


def simple_segment(segment_id: str, name: str) -> dict[str, Any]:
    """Return what lists and events about people embed of a segment."""
    return {"id": segment_id, "name": name, "object": "segment"}


def location_as_json(location: Location) -> dict[str, Any]:
    """Return a location as the API shows it.

    Source: data specification, "Locations".
    """
    return {
        "id": location.pk,
        "object": "location",
        "name": location.name,
        "shape": location.shape,
        "created_at": isoformat(location.created_at),
        "updated_at": location.updated_at and isoformat(location.updated_at),
    }


def event_schema_as_json(event: CustomEventSchema) -> dict[str, Any]:
    """Return the definition of a custom event as the API shows it.

    Source: data specification, "Custom events and their schemas".
    """
    shown = {
        "id": event.pk,
        "name": event.name,
        "schema": {"properties": event.properties},
        "created_at": isoformat(event.created_at),
        "object": "custom-event-schema",
    }
    if event.updated_at is not None:
        shown["updated_at"] = isoformat(event.updated_at)
    return shown


def custom_event_as_json(event: CustomEvent) -> dict[str, Any]:
    """Return what a customer did, as activities show it."""
    return {
        "id": event.pk,
        "object": "event",
        "type": event.name,
        "customer": {"id": event.customer_id, "object": "customer"},
        "referral": event.referral,
        "loyalty": event.loyalty,
        "metadata": event.metadata,
        "created_at": isoformat(event.created_at),
    }
