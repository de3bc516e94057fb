"""Orders by themselves: created, changed, never deleted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from customers.models import Customer
from customers.services.upsert import upsert_customers
from promo.errors import BadRequest
from promo.ids import new_id
from promo.operations import Operations
from promo.outbox.events import emit
from promo.tenancy.models import Project
from redemptions.engine.order import opening_state
from redemptions.models import Order
from redemptions.services.catalogue import known_items
from redemptions.services.described_items import store_described_items
from redemptions.services.order_facts import (
    find_order,
    items_to_use,
    order_facts,
    with_line_ids,
)
from redemptions.services.order_lines import build_lines
from redemptions.services.orders import (
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
    facts = with_line_ids(order_facts(sent, stored, build_lines(items, known)))
    facts = replace(
        facts,
        id=facts.id or new_id("ord_"),
        status=facts.status or "CREATED",
        created_at=facts.created_at or now,
    )
    before = stored.status if stored else None
    order = stored or Order(project=project, created_at=now)
    _check_customer(stored, people.get("customer"))
    state = opening_state(facts)
    write_state(order, state)
    order.customer = people.get("customer", order.customer)
    order.referrer = people.get("referrer", order.referrer)
    if stored is None:
        insert_order(order)
    else:
        order.updated_at = now
        order.save()
    emit(project, order_events(order, state, before), now=now)
    return order


def _people(
    project: Project, sent: Mapping[str, Any], now: datetime
) -> dict[str, Customer]:
    drafts = {
        role: draft_of(sent[role], None)
        for role in ("customer", "referrer")
        if sent.get(role)
    }
    if sent.get("referrer_id") and "referrer" not in drafts:
        drafts["referrer"] = draft_of({"id": sent["referrer_id"]}, None)
    named = {role: draft for role, draft in drafts.items() if draft.reference}
    found = upsert_customers(project, list(named.values()), now) if named else {}
    return {role: found[draft.reference] for role, draft in named.items()}


def _check_customer(stored: Order | None, customer: Customer | None) -> None:
    if stored is None or customer is None or customer.pk == stored.customer_id:
        return
    if stored.redemptions.exists():
        raise BadRequest(
            "invalid_order",
            "Invalid order",
            "The customer of an order with redemptions cannot be changed",
        )


OPERATIONS: Operations[Order] = Operations(create=create_order, update=update_order)
