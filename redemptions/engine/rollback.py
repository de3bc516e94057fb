"""What a rollback gives back, and how the order looks afterwards.

Counters, quantities and unit caps return through `claims.claims_of`, which names
for a rollback what it named for the redemption.

Source: engine specification, "Rollback".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from redemptions.engine.facts import Line, OrderFacts
from redemptions.engine.order import Taken, UnitChange, taken_together


def roll_back_order(
    order: OrderFacts, taken: Sequence[Taken], order_mode: str
) -> OrderFacts:
    """Return ``order`` after the redemptions that took ``taken`` are rolled back.

    With ``order_mode`` ``WITH_ORDER`` it is cancelled and exactly those discounts
    disappear; discounts of other redemptions stay. ``WITHOUT_ORDER`` leaves it alone.
    """
    if order_mode == "WITHOUT_ORDER":
        return order
    gone = taken_together(taken)
    lines = tuple(_lines_left(order, gone))
    amount, initial_amount = order.amount, order.initial_amount
    if amount is not None:
        added = sum(change.amount for change in gone.units.values())
        amount = max(0, amount - added)
        initial_amount = initial_amount if initial_amount != amount else None
    on_lines = sum(line.discount_amount for line in lines)
    most = order.discount_amount if amount is None else max(0, amount - on_lines)
    discount = min(most, max(0, order.discount_amount - gone.order_amount))
    return replace(
        order,
        status="CANCELED",
        amount=amount,
        initial_amount=initial_amount,
        discount_amount=discount,
        lines=lines,
    )


def taken_by(kept: Mapping[str, Any], order: OrderFacts) -> Taken:
    """Return what a redemption took off, read from the order kept with it.

    Lines that ``order`` has no more have nothing to be given back.
    """
    positions = {line.id: position for position, line in enumerate(order.lines)}
    lines = {
        positions[line["id"]]: line
        for line in kept.get("items", ())
        if line.get("id") in positions
    }
    return Taken(
        order_amount=kept.get("applied_discount_amount", 0),
        by_line={
            position: line["applied_discount_amount"]
            for position, line in lines.items()
            if line.get("applied_discount_amount")
        },
        units={
            position: change
            for position, line in lines.items()
            if (change := _change_of(line)) != UnitChange()
        },
    )


def _change_of(line: Mapping[str, Any]) -> UnitChange:
    return UnitChange(
        quantity=line.get("applied_quantity", 0),
        amount=line.get("applied_quantity_amount", 0),
        freed=line.get("applied_discount_quantity", 0),
    )


def _lines_left(order: OrderFacts, gone: Taken) -> Iterator[Line]:
    for position, line in enumerate(order.lines):
        discount = max(0, line.discount_amount - gone.by_line.get(position, 0))
        restored = replace(line, discount_amount=discount)
        change = gone.units.get(position)
        if change is None:
            yield restored
        elif restored.quantity != change.quantity or restored.initial_quantity != 0:
            yield _without_units(restored, change)


def _without_units(line: Line, change: UnitChange) -> Line:
    """Return the line as if ``change`` had not been; its discount still fits."""
    amount = None if line.amount is None else max(0, line.amount - change.amount)
    quantity = max(0, line.quantity - change.quantity)
    freed = max(0, line.discount_quantity - change.freed)
    is_as_sent = quantity == line.initial_quantity and not freed
    return replace(
        line,
        quantity=quantity,
        amount=amount,
        discount_amount=min(line.discount_amount, amount or 0),
        discount_quantity=freed,
        initial_quantity=None if is_as_sent else line.initial_quantity,
        initial_amount=None if is_as_sent else line.initial_amount,
    )
