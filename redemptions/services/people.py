"""Who a request is about: the customer it names, or the order's."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from customers.engine.tracking import encode, same_person
from customers.models import Customer
from customers.services.named import named_customers
from customers.services.segment_lookup import segments_holding
from customers.services.upsert import CustomerDraft
from promo.errors import ResourceNotFound
from promo.tenancy.models import Project
from redemptions.engine.facts import CustomerFacts
from redemptions.models import Order
from redemptions.services.requests import CheckoutRequest

_PROFILE = (
    "name",
    "description",
    "email",
    "phone",
    "birthdate",
    "birthday",
    "address",
    "metadata",
)


def draft_of(
    customer: Mapping[str, Any] | None, tracking_id: str | None
) -> CustomerDraft:
    """Return the customer a request names; an empty reference names nobody.

    Raises:
        BadRequest: ``ambiguous_tracking_id``.
    """
    sent = customer or {}
    values = {name: sent[name] for name in _PROFILE if name in sent}
    if sent.get("id"):
        return CustomerDraft(id=sent["id"], values=values)
    source_id = same_person(sent.get("source_id"), tracking_id)
    return CustomerDraft(source_id=source_id or "", values=values)


def find_customer(
    project: Project,
    draft: CustomerDraft,
    order: Order | None,
    *,
    read: Sequence[Customer] | None = None,
) -> Customer | None:
    """Return the stored customer of a request, else the one of its order.

    ``read`` are those that its reference names, where somebody has read them.

    Raises:
        ResourceNotFound: an ``id`` names nobody.
    """
    if not draft.reference:
        return order.customer if order else None
    rows = named_customers(project, [draft.reference]) if read is None else read
    if draft.id:
        found = next((row for row in rows if row.pk == draft.id), None)
        if found is None:
            raise ResourceNotFound("customer", draft.id)
        return found
    return next((row for row in rows if row.source_id == draft.source_id), None)


def customer_facts(
    project: Project,
    stored: Customer | None,
    draft: CustomerDraft,
    *,
    segments: Collection[str],
    now: datetime,
) -> CustomerFacts | None:
    """Return who redeems: stored attributes, those sent in front of them.

    ``segments`` are those that rules ask about, which takes one statement.
    """
    if stored is None and not draft.reference and not draft.values:
        return None
    sent = draft.values.get("metadata") or {}
    return CustomerFacts(
        id=stored.pk if stored else None,
        source_id=(stored.source_id if stored else draft.source_id) or None,
        metadata={**(stored.metadata if stored else {}), **sent},
        birthdate=_birthdate(stored, draft),
        loyalty_tiers=_loyalty_tiers(stored),
        segments=segments_holding(project, stored, draft, named=segments, now=now),
    )


def stored_facts(stored: Customer, segments: frozenset[str]) -> CustomerFacts:
    """Return what rules look at of a customer who is in ``segments``."""
    return CustomerFacts(
        id=stored.pk,
        source_id=stored.source_id or None,
        metadata=stored.metadata,
        birthdate=stored.birthdate or stored.birthday,
        loyalty_tiers=_loyalty_tiers(stored),
        segments=segments,
    )


def _loyalty_tiers(stored: Customer | None) -> frozenset[str]:
    programmes = stored.loyalty["campaigns"].values() if stored else ()
    held = (each.get("loyalty_tier") for each in programmes)
    return frozenset(tier for tier in held if tier)


def _birthdate(stored: Customer | None, draft: CustomerDraft) -> date | None:
    """Return the date of birth, the sent one first; a birthday stands in for it."""
    for name in ("birthdate", "birthday"):
        day: date | None = draft.values.get(name) or getattr(stored, name, None)
        if day is not None:
            return day
    return None


def tracking_id_of(
    request: CheckoutRequest, stored: Customer | None, draft: CustomerDraft
) -> str | None:
    """Return the tracking id to answer with; None for an anonymous request."""
    source_id = (stored.source_id if stored else "") or draft.source_id
    return encode(source_id) if source_id else request.tracking_id
