"""The calculated order as the API writes it.

Discount fields that are 0 are left out; every other value stays when it is 0.

Source: engine specification, "Order model".
"""

from typing import Any

from promo.clock import isoformat
from redemptions.engine.facts import ItemFacts, OrderFacts
from redemptions.engine.order import LineState, OrderState, UnitChange

Wire = dict[str, Any]


def order_as_json(state: OrderState | None) -> Wire:
    """Return the order a validation or qualification shows; bare without an order."""
    if state is None:
        return _tail(None)
    return {
        **_identity(state.facts),
        **_amounts(state),
        **_items(state),
        **_tail(state.facts),
    }


def stored_order_as_json(state: OrderState, customer_id: str | None) -> Wire:
    """Return the order as it is kept after a redemption by ``customer_id``.

    What was applied is shown even when it is nothing.

    Source: engine specification, "Serialisation".
    """
    order = order_as_json(state)
    if state.amount is not None:
        order.setdefault("applied_discount_amount", 0)
        order.setdefault("total_applied_discount_amount", 0)
    order.pop("customer", None)
    order["customer_id"] = customer_id
    if customer_id is not None:
        order["customer"] = {"id": customer_id, "object": "customer"}
    return order


def uncalculated_order_as_json(order: OrderFacts | None) -> Wire:
    """Return the order a qualification echoes: as sent, nothing calculated."""
    if order is None:
        return _tail(None)
    lines = [
        {
            "object": "order_item",
            **line.echo,
            "quantity": line.quantity,
            **_present(price=line.price, amount=line.amount),
            **_resolved_items(line.product, line.sku),
            **({"metadata": dict(line.metadata)} if line.metadata else {}),
        }
        for line in order.lines
    ]
    return {
        **_identity(order),
        **_present(amount=order.amount),
        **({"items": lines} if lines else {}),
        **_tail(order),
    }


def _identity(order: OrderFacts) -> Wire:
    created_at = None if order.created_at is None else isoformat(order.created_at)
    return _present(
        id=order.id,
        source_id=order.source_id,
        created_at=created_at,
        status=order.status,
    )


def _amounts(state: OrderState) -> Wire:
    if state.amount is None:
        return {}
    amounts: Wire = {"amount": state.amount}
    if state.initial_amount != state.amount:
        amounts["initial_amount"] = state.initial_amount
    return {
        **amounts,
        **_non_zero(
            discount_amount=state.discount_amount,
            items_discount_amount=state.items_discount_amount,
            total_discount_amount=state.total_discount_amount,
        ),
        "total_amount": state.total_amount,
        **_non_zero(
            applied_discount_amount=state.applied_discount_amount,
            items_applied_discount_amount=state.items_applied_discount_amount,
            total_applied_discount_amount=state.total_applied_discount_amount,
        ),
    }


def _items(state: OrderState) -> Wire:
    if not state.lines:
        return {}
    return {"items": [_line(line) for line in state.lines]}


def _line(state: LineState) -> Wire:
    line = state.line
    wire: Wire = {"object": "order_item", **_present(id=line.id), **line.echo}
    if line.product is not None and line.product.id is not None:
        wire.setdefault("product_id", line.product.id)
    if line.sku is not None and line.sku.id is not None:
        wire.setdefault("sku_id", line.sku.id)
    wire["quantity"] = state.quantity
    wire |= _units(state)
    if state.amount is not None:
        wire["amount"] = state.amount
        wire |= _non_zero(discount_amount=state.discount_amount)
        wire |= _present(initial_amount=state.initial_amount)
        wire |= _non_zero(applied_discount_amount=state.applied_discount_amount)
        wire |= _present(price=line.price)
        wire["subtotal_amount"] = state.subtotal_amount
    wire |= _resolved_items(line.product, line.sku)
    if line.metadata:
        wire["metadata"] = dict(line.metadata)
    return wire


def _units(state: LineState) -> Wire:
    """Return the units given; a line that a UNIT discount touched always says them."""
    if state.initial_quantity is None:
        return _non_zero(discount_quantity=state.discount_quantity)
    wire: Wire = {
        "discount_quantity": state.discount_quantity,
        "initial_quantity": state.initial_quantity,
    }
    if state.change is None:
        return wire
    return (
        wire
        | _non_zero(
            applied_quantity=state.change.quantity,
            applied_quantity_amount=state.change.amount,
            applied_discount_quantity=state.change.freed,
        )
        | _replacements(state.change)
    )


def _replacements(change: UnitChange) -> Wire:
    details = [
        {
            "source_index": each.source,
            "source_applied_quantity": each.source_quantity,
            "source_applied_quantity_amount": each.source_amount,
            "target_index": each.target,
            "target_applied_quantity": each.target_quantity,
            "target_applied_quantity_amount": each.target_amount,
            "target_applied_discount_amount": each.discount_amount,
        }
        for each in change.replacements
    ]
    return {"application_details": details} if details else {}


def _resolved_items(product: ItemFacts | None, sku: ItemFacts | None) -> Wire:
    items: Wire = {}
    if product is not None:
        items["product"] = _item(product, "name")
    if sku is not None:
        items["sku"] = _item(sku, "sku")
    return items


def _item(item: ItemFacts, name_field: str) -> Wire:
    wire = _present(id=item.id, source_id=item.source_id)
    wire |= _present(**{name_field: item.name})
    if item.metadata:
        wire["metadata"] = dict(item.metadata)
    return wire | _present(price=item.price)


def _tail(order: OrderFacts | None) -> Wire:
    metadata = {} if order is None else dict(order.metadata)
    tail: Wire = {"metadata": metadata}
    for role in ("customer", "referrer"):
        known = None if order is None else getattr(order, f"{role}_id")
        if known is not None:
            tail[role] = {"id": known, "object": "customer"}
        tail[f"{role}_id"] = known
    return tail | {"object": "order"}


def _present(**values: Any) -> Wire:
    return {name: value for name, value in values.items() if value is not None}


def _non_zero(**amounts: int) -> Wire:
    return {name: amount for name, amount in amounts.items() if amount}
