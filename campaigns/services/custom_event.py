"""Tracking a custom event: who did what, and what follows from it.

What looks at customers afterwards, segments and computed blocks, hears of it through
the outbox.

Source: data specification, "Custom events and their schemas".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns import events
from campaigns.models import Voucher
from campaigns.services.referral import Referral, convert, find_card, find_referral
from campaigns.wire import simple_campaign, simple_voucher
from customers.engine.event_schemas import check_metadata
from customers.models import Customer, CustomEvent, CustomEventSchema
from customers.services.custom_event import record_event
from customers.services.event_schema import find_event_schema
from customers.services.rendering import custom_event_as_json, simple_customer
from customers.services.upsert import CustomerDraft, upsert_along
from promo.errors import BadRequest
from promo.outbox.events import Event, emit
from promo.tenancy.models import Project

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventToTrack:
    """What a request says that a customer did.

    ``referral_code`` is the code by which the customer came, ``referrer_id`` the id or
    source id of who gave it, ``loyalty_code`` the card that the event is about.
    """

    name: str
    customer: CustomerDraft
    metadata: Mapping[str, Any] = field(default_factory=dict)
    referral_code: str | None = None
    referrer_id: str | None = None
    loyalty_code: str | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What a request names."""

    customer: Customer
    schema: CustomEventSchema
    referral: Referral | None
    card: Voucher | None


@transaction.atomic
def track_event(*, project: Project, event: EventToTrack, now: datetime) -> CustomEvent:
    """Store what a customer did, create or change the customer, convert a referral.

    All of it or nothing; a constant number of statements.

    Raises:
        BadRequest: ``invalid_customer``, the customer is named by nothing;
            ``referrer_not_permitted_to_redeem``, somebody refers himself.
        ResourceNotFound: the customer's id, the event's name, a code or the referrer
            is unknown.
        MetadataRefused: a schema forbids metadata of the event or of the customer.
        InvalidPayload: a field of the customer is too long.
        Forbidden: a restricted caller does not reach the campaign of a code.
    """
    if not event.customer.reference:
        details = "Property .customer must have an id or a source_id"
        raise BadRequest("invalid_customer", "Invalid customer", details)
    stored = None
    while stored is None:
        # Who is deleted meanwhile is looked for once more: nobody, or somebody new.
        found = _find(project, event, now)
        stored = record_event(
            project=project,
            customer=found.customer,
            name=event.name,
            metadata=event.metadata,
            referral=found.referral.as_sent() if found.referral else None,
            loyalty={"code": found.card.code} if found.card else None,
            now=now,
        )
    emit(project, _told(stored, found, now), now=now)
    return stored


def _find(project: Project, event: EventToTrack, now: datetime) -> _Found:
    """Look up what is named, in the order in which it is refused."""
    draft = event.customer
    customer = upsert_along(project, [draft], now)[draft.reference]
    schema = find_event_schema(project, event.name)
    check_metadata(schema.schema, event.metadata)
    referral, card = None, None
    if event.referral_code is not None:
        referral = find_referral(
            project, customer, code=event.referral_code, referrer_id=event.referrer_id
        )
    if event.loyalty_code is not None:
        card = find_card(project, event.loyalty_code)
    return _Found(customer, schema, referral, card)


def _told(event: CustomEvent, found: _Found, now: datetime) -> list[Event]:
    """Return what is told of an event; a referral that counts is stored first."""
    shown, customer = custom_event_as_json(event), simple_customer(found.customer)
    referral = found.referral.as_told() if found.referral else None
    schema = {"id": found.schema.pk, "name": found.schema.name}
    told = [
        events.custom_event(
            shown,
            schema,
            customer,
            referral=referral,
            loyalty=_card_as_told(found.card) if found.card else None,
        )
    ]
    if (
        found.referral is not None
        and referral is not None
        and convert(event, found.referral, schema_id=found.schema.pk, now=now)
    ):
        told.append(events.customer_referred(customer, referral, shown))
    return told


def _card_as_told(card: Voucher) -> Json:
    campaign = card.campaign
    return {
        "voucher": simple_voucher(card),
        "campaign": simple_campaign(campaign) if campaign else None,
    }
