"""Orders by themselves: created, changed, never deleted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from customers.models import Customer
from customers.services.upsert import CustomerDraft, upsert_customers
from promo.errors import BadRequest
from promo.ids import new_id
from promo.operations import Operations
from promo.outbox.events import emit
from promo.tenancy.models import Project
from redemptions.engine.order import OrderState, opening_state
from redemptions.models import Order
from redemptions.services.catalogue import known_items
from redemptions.services.described_items import store_described_items
from redemptions.services.metadata import check_order
from redemptions.services.order_facts import (
    find_order,
    items_to_use,
    order_facts,
    with_line_ids,
)
from redemptions.services.order_lines import KnownItems, build_lines
from redemptions.services.orders import (
    Former,
    SourceIdTaken,
    insert_order,
    order_events,
    write_state,
)
from redemptions.services.people import draft_of


def create_order(*, project: Project, now: datetime, **sent: Any) -> Order:
    """Return the order that ``sent`` names, created where its source id is new.

    Raises:
        ResourceNotFound: an id names no order or customer.
        BadRequest: ``invalid_order``; nothing is stored.

    Source: data specification, "Orders".
    """
    try:
        return _upsert(project, sent, now)
    except SourceIdTaken:
        # Another request stored the same source id first: this one changes it.
        return _upsert(project, sent, now)


@transaction.atomic
def _upsert(project: Project, sent: Mapping[str, Any], now: datetime) -> Order:
    stored = find_order(project, sent, lock=True)
    return _write(project, sent, stored, now)


@transaction.atomic
def update_order(order: Order, *, now: datetime, **sent: Any) -> Order:
    """Change the fields sent; a list of items replaces all lines.

    Raises:
        ResourceNotFound: a customer's id names nobody.
        BadRequest: ``invalid_order``; nothing is stored.
    """
    named = {**sent, "id": order.pk}
    stored = find_order(order.project, named, lock=True)
    return _write(order.project, named, stored, now)


def _write(
    project: Project, sent: Mapping[str, Any], stored: Order | None, now: datetime
) -> Order:
    if stored is not None:
        # Here the fields sent count, whichever id names the order.
        sent = {**sent, "id": stored.pk}
    people = _people(project, sent, now)
    items = items_to_use(sent, stored)
    store_described_items(project, items, now)
    known = known_items(project, items, (), now=now)
    state = worked_out(project, sent, stored, known, now=now)
    former = Former.of(stored)
    order = stored or Order(project=project, created_at=now)
    if changes_customer(stored, people.get("customer")) and order.redemptions.exists():
        raise customer_stays()
    write_state(order, state)
    order.customer = people.get("customer", order.customer)
    order.referrer = people.get("referrer", order.referrer)
    if stored is None:
        insert_order(order)
    else:
        order.updated_at = now
        order.save()
    emit(project, order_events(order, state, former), now=now)
    return order


def worked_out(
    project: Project,
    sent: Mapping[str, Any],
    stored: Order | None,
    known: KnownItems,
    *,
    now: datetime,
) -> OrderState:
    """Return an order as ``sent`` leaves it, with every amount; nothing is stored.

    What is sent for a stored order names its id. ``known`` is what the catalogue has of
    its lines.

    Raises:
        BadRequest: ``invalid_order``.
        MetadataRefused: the project's schemas forbid its metadata, or a line's.
    """
    lines = build_lines(items_to_use(sent, stored), known)
    facts = with_line_ids(order_facts(sent, stored, lines))
    facts = replace(
        facts,
        id=facts.id or new_id("ord_"),
        status=facts.status or "CREATED",
        created_at=facts.created_at or now,
    )
    check_order(project, sent, stored, facts)
    return opening_state(facts)


def _people(
    project: Project, sent: Mapping[str, Any], now: datetime
) -> dict[str, Customer]:
    drafts = drafts_of(sent)
    found = upsert_customers(project, list(drafts.values()), now) if drafts else {}
    return {role: found[draft.reference] for role, draft in drafts.items()}


def drafts_of(sent: Mapping[str, Any]) -> dict[str, CustomerDraft]:
    """Return whom an order names as its ``customer`` and ``referrer``.

    Who has neither id nor source id is nobody.
    """
    drafts = {
        role: draft_of(sent[role], None)
        for role in ("customer", "referrer")
        if sent.get(role)
    }
    if sent.get("referrer_id") and "referrer" not in drafts:
        drafts["referrer"] = draft_of({"id": sent["referrer_id"]}, None)
    return {role: draft for role, draft in drafts.items() if draft.reference}


def changes_customer(stored: Order | None, customer: Customer | None) -> bool:
    """Say whether a stored order would become another customer's."""
    return (
        stored is not None
        and customer is not None
        and customer.pk != stored.customer_id
    )


def customer_stays() -> BadRequest:
    """Return the refusal to give an order that has redemptions to somebody else."""
    return BadRequest(
        "invalid_order",
        "Invalid order",
        "The customer of an order with redemptions cannot be changed",
    )


OPERATIONS: Operations[Order] = Operations(create=create_order, update=update_order)
