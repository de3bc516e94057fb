"""The order of a request: what was sent, over what is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection

from customers.models import Customer
from promo import ids
from promo.errors import BadRequest, ResourceNotFound
from promo.row_reader import RowReader, read_joined
from promo.tenancy.models import Project
from redemptions.engine.facts import ItemFacts, Line, OrderFacts
from redemptions.engine.order import LARGEST_AMOUNT, OrderState, opening_state
from redemptions.models import Order

Sent = Mapping[str, Any]

_ORDER, _CUSTOMER = RowReader(Order, "o"), RowReader(Customer, "c")
_REFERRER = RowReader(Customer, "r")
# The text is put together from table and column names of our own models.
_BY_SOURCE_ID = f"""
SELECT {_ORDER.columns}, {_CUSTOMER.columns}, {_REFERRER.columns}
FROM {_ORDER.table} o
LEFT JOIN {_CUSTOMER.table} c ON c.id = o.customer_id
LEFT JOIN {_REFERRER.table} r ON r.id = o.referrer_id
WHERE o.project_id = %s AND o.source_id = %s AND o.deleted_at IS NULL
"""  # noqa: S608
_HELD = "FOR NO KEY UPDATE OF o"


def find_order(
    project: Project, sent: Sent | None, *, lock: bool = False
) -> Order | None:
    """Return the stored order that a request names, locked when it will change.

    Raises:
        ResourceNotFound: an ``id`` names none; an unknown source id is a new order.
    """
    if not sent or not (sent.get("id") or sent.get("source_id")):
        return None
    if not sent.get("id"):
        return _by_source_id(project, sent["source_id"], lock=lock)
    rows = project.orders.alive().select_related("customer", "referrer")
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found = rows.by_reference(sent["id"]).first()
    if found is None:
        raise ResourceNotFound("order", sent["id"])
    return found


def check_takes_discounts(order: Order | None) -> None:
    """Refuse an order of which units came back: what it gets now, no return takes back.

    Raises:
        BadRequest: ``invalid_order``.
    """
    if order is not None and order.has_returns:
        raise BadRequest(
            "invalid_order",
            "Invalid order",
            "Units of the order have been returned; it takes no more discounts",
            resource_id=order.pk,
            resource_type="order",
        )


def _by_source_id(project: Project, source_id: str, *, lock: bool) -> Order | None:
    """Return the stored order, which most checkouts ask for and do not find."""
    sql = _BY_SOURCE_ID + (_HELD if lock else "")
    with connection.cursor() as cursor:
        cursor.execute(sql, [ids.parse("proj_", project.pk), source_id])
        row = cursor.fetchone()
    if row is None:
        return None
    order: Order
    order, customer, referrer = read_joined(row, _ORDER, _CUSTOMER, _REFERRER)
    order.project, order.customer, order.referrer = project, customer, referrer
    return order


def items_to_use(sent: Sent, stored: Order | None) -> Sequence[Mapping[str, Any]]:
    """Return the lines that count.

    An order named by its id takes the fields sent; one named by its source id alone
    keeps what is stored.

    Source: engine specification, "Finding the order".
    """
    if stored is None:
        return sent.get("items") or []
    if sent.get("id") and sent.get("items") is not None:
        items: Sequence[Mapping[str, Any]] = sent["items"]
        return items
    kept: Sequence[Mapping[str, Any]] = stored.items
    return kept


def order_facts(sent: Sent, stored: Order | None, lines: Sequence[Line]) -> OrderFacts:
    """Return the order before this request.

    Raises:
        BadRequest: ``invalid_order``, earlier discounts exceed the amount.
    """
    facts = OrderFacts(
        lines=tuple(lines),
        amount=sent.get("amount"),
        initial_amount=sent.get("initial_amount"),
        discount_amount=sent.get("discount_amount") or 0,
        metadata=sent.get("metadata") or {},
        source_id=sent.get("source_id") or None,
        status=sent.get("status"),
        created_at=sent.get("created_at"),
    )
    if stored is not None:
        facts = _over_stored(facts, sent, stored)
    _check(facts)
    return facts


def _over_stored(facts: OrderFacts, sent: Sent, stored: Order) -> OrderFacts:
    by_id = bool(sent.get("id"))
    replaced = by_id and ("items" in sent or "amount" in sent)
    metadata = {**stored.metadata, **facts.metadata} if by_id else stored.metadata
    return replace(
        facts,
        amount=facts.amount if replaced else stored.amount,
        initial_amount=facts.initial_amount if replaced else stored.initial_amount,
        discount_amount=(
            sent["discount_amount"]
            if by_id and sent.get("discount_amount") is not None
            else stored.discount_amount
        ),
        metadata=metadata,
        id=stored.pk,
        source_id=stored.source_id,
        status=facts.status or stored.status,
        customer_id=stored.customer_id,
        referrer_id=stored.referrer_id,
        created_at=stored.created_at,
    )


def _check(facts: OrderFacts) -> None:
    opening = opening_state(facts)
    worked_out = [opening.amount, opening.total_discount_amount, opening.initial_amount]
    worked_out += [line.amount for line in opening.lines]
    if any(amount is not None and amount > LARGEST_AMOUNT for amount in worked_out):
        details = f"The amounts of .order must not exceed {LARGEST_AMOUNT}"
        raise BadRequest("invalid_order", "Invalid order", details)
    for line in opening.lines:
        if line.subtotal_amount < 0:
            details = (
                f"Property .order.items[{line.line.index}].discount_amount "
                "must not exceed the line's amount"
            )
            raise BadRequest("invalid_order", "Invalid order", details)
    if opening.amount is not None and opening.total_discount_amount > opening.amount:
        details = "Property .order.discount_amount must not exceed the order's amount"
        raise BadRequest("invalid_order", "Invalid order", details)


def with_line_ids(facts: OrderFacts) -> OrderFacts:
    """Return the order with an id for every line that has none yet."""
    lines = tuple(
        line if line.id else replace(line, id=ids.new_id("ordli_"))
        for line in facts.lines
    )
    return replace(facts, lines=lines)


def stored_items(state: OrderState) -> list[dict[str, Any]]:
    """Return the lines as an order keeps them, prices and names included."""
    items = []
    for each in state.lines:
        line = each.line
        item: dict[str, Any] = {
            "id": line.id,
            **line.echo,
            "quantity": each.quantity,
            "price": line.price,
            "amount": line.amount if each.initial_quantity is None else each.amount,
            "initial_quantity": each.initial_quantity,
            "initial_amount": each.initial_amount,
            "discount_amount": each.discount_amount or None,
            "discount_quantity": each.discount_quantity or None,
            "product": _snapshot(line.product, "name"),
            "sku": _snapshot(line.sku, "sku"),
            "metadata": dict(line.metadata) or None,
        }
        items.append({name: value for name, value in item.items() if value is not None})
    return items


def _snapshot(item: ItemFacts | None, name: str) -> dict[str, Any] | None:
    if item is None:
        return None
    shown = {
        "id": item.id,
        "source_id": item.source_id,
        name: item.name,
        "price": item.price,
        "metadata": dict(item.metadata),
    }
    return {key: value for key, value in shown.items() if value is not None}
