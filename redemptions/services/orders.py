"""Keeping orders: by themselves, and with a redemption."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError

from customers.events import figures_outdated
from promo.outbox.events import Event
from promo.row_writer import RowWriter
from promo.tenancy.models import Project
from redemptions import events
from redemptions.engine.decision import Decision
from redemptions.engine.order import OrderState
from redemptions.engine.order_rendering import stored_order_as_json
from redemptions.models import Order
from redemptions.services.facts import Loaded
from redemptions.services.order_facts import stored_items
from redemptions.services.requests import CheckoutRequest

ORDER_WRITER = RowWriter(Order)
_STATUS_EVENTS = {"PAID": "paid", "FULFILLED": "fulfilled", "CANCELED": "canceled"}


class SourceIdTaken(Exception):
    """Another request has stored an order of this source id since it was looked up."""


def changed_order(
    project: Project,
    request: CheckoutRequest,
    decision: Decision,
    loaded: Loaded,
    now: datetime,
) -> tuple[Order | None, Sequence[Event]]:
    """Return the order as the decision leaves it, not saved, with what to tell."""
    state = decision.order
    if state is None or request.order is None:
        return None, ()
    before = loaded.order.status if loaded.order else None
    former = loaded.order.customer_id if loaded.order else None
    order = loaded.order or Order(project=project, created_at=now)
    write_state(order, state)
    if loaded.customer is not None:
        order.customer = loaded.customer
    if state.facts.referrer_id is not None:
        order.referrer_id = state.facts.referrer_id
    if loaded.order is not None:
        order.updated_at = now
    return order, [*order_events(order, state, before), *left_by(former, order)]


def left_by(former: str | None, order: Order) -> Sequence[Event]:
    """Return what asks for the figures of whoever the order belonged to before."""
    if former is None or former == order.customer_id:
        return ()
    return (figures_outdated(former),)


def insert_order(order: Order) -> None:
    """Store a new order.

    Raises:
        SourceIdTaken: it is not new any more; the transaction has to start over.
    """
    try:
        ORDER_WRITER.insert([order])
    except IntegrityError as failure:
        if "order_source_id_is_unique" not in str(failure):
            raise
        raise SourceIdTaken from failure


def write_state(order: Order, state: OrderState) -> None:
    """Put what the engine worked out into the row, without saving it."""
    facts = state.facts
    order.id = facts.id or order.id
    order.source_id = facts.source_id
    order.status = facts.status or order.status
    order.created_at = facts.created_at or order.created_at
    order.amount = state.amount
    order.initial_amount = facts.initial_amount
    if state.initial_amount != state.amount:
        order.initial_amount = state.initial_amount
    order.discount_amount = state.discount_amount
    order.items_discount_amount = state.items_discount_amount
    order.items = stored_items(state)
    order.metadata = dict(facts.metadata)


def order_events(
    order: Order, state: OrderState, before: str | None
) -> Sequence[Event]:
    """Return what an order's creation or change is to be told as."""
    shown = stored_order_as_json(state, order.customer_id)
    told = list(events.about_order("created" if before is None else "updated", shown))
    status = str(order.status)
    if status != before and status in _STATUS_EVENTS:
        arrived = events.about_order(_STATUS_EVENTS[status], shown)
        told = list(arrived) if before is not None else [*told, *arrived]
    return told
