"""Keeping orders: by themselves, and with a redemption."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError

from customers.events import figures_outdated
from customers.services.rendering import simple_customer
from promo.outbox.events import Event
from promo.row_writer import RowWriter
from promo.tenancy.models import Project
from redemptions import events
from redemptions.engine.decision import Decision
from redemptions.engine.order import OrderState
from redemptions.engine.order_rendering import stored_order_as_json
from redemptions.models import Order, Redemption
from redemptions.services.facts import Loaded
from redemptions.services.order_facts import stored_items
from redemptions.services.requests import CheckoutRequest
from redemptions.wire.redemption import redemption_in_brief

ORDER_WRITER = RowWriter(Order)
_STATUS_EVENTS = {"PAID": "paid", "FULFILLED": "fulfilled", "CANCELED": "canceled"}


@dataclass(frozen=True, slots=True)
class Former:
    """How an order stood before, and whose it was; nothing of a new one."""

    status: str | None
    customer_id: str | None

    @classmethod
    def of(cls, order: Order | None) -> "Former":
        """Return how ``order`` stands now."""
        if order is None:
            return cls(None, None)
        return cls(str(order.status), order.customer_id)


class SourceIdTaken(Exception):
    """Another request has stored an order of this source id since it was looked up."""


def changed_order(
    project: Project,
    request: CheckoutRequest,
    decision: Decision,
    loaded: Loaded,
    now: datetime,
) -> Order | None:
    """Return the order as the decision leaves it, not saved."""
    state = decision.order
    if state is None or request.order is None:
        return None
    order = loaded.order or Order(project=project, created_at=now)
    write_state(order, state)
    if loaded.customer is not None:
        order.customer = loaded.customer
    if state.facts.referrer_id is not None:
        order.referrer_id = state.facts.referrer_id
    if loaded.order is not None:
        order.updated_at = now
    return order


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
    order: Order,
    state: OrderState,
    former: Former,
    redemption: Redemption | None = None,
) -> Sequence[Event]:
    """Return what an order's creation or change is to be told as.

    Orders of nobody are told to nobody but whom they belonged to before.
    """
    left: list[Event] = []
    if former.customer_id is not None and former.customer_id != order.customer_id:
        left = [figures_outdated(former.customer_id)]
    if order.customer is None:
        return left
    shown = stored_order_as_json(state, order.customer_id)
    customer = simple_customer(order.customer)
    about = {
        "referrer": simple_customer(order.referrer) if order.referrer else None,
        "redemption": redemption_in_brief(redemption) if redemption else None,
    }
    return [
        *(
            events.about_order(what, shown, customer, **about)
            for what in _happened(former.status, str(order.status))
        ),
        *left,
    ]


def _happened(before: str | None, status: str) -> Sequence[str]:
    """Return what becomes of an order that comes from status ``before``, or is new."""
    arrived = [_STATUS_EVENTS[status]] if status in _STATUS_EVENTS else []
    if before is None:
        return ["created", *arrived]
    return arrived if arrived and status != before else ["updated"]
