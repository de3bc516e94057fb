"""What a rollback gives back, and how the order looks afterwards.

Counters, quantities and unit caps return through `claims.claims_of`, which names
for a rollback what it named for the redemption.

Source: engine specification, "Rollback".
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from redemptions.engine.facts import Line, OrderFacts
from redemptions.engine.order import Taken


def roll_back_order(
    order: OrderFacts, taken: Sequence[Taken], order_mode: str
) -> OrderFacts:
    """Return ``order`` after the redemptions that took ``taken`` are rolled back.

    With ``order_mode`` ``WITH_ORDER`` it is cancelled and exactly those discounts
    disappear; discounts of other redemptions stay. ``WITHOUT_ORDER`` leaves it alone.
    """
    if order_mode == "WITHOUT_ORDER":
        return order
    off_order = sum(each.order_amount for each in taken)
    return replace(
        order,
        status="CANCELED",
        discount_amount=max(0, order.discount_amount - off_order),
        lines=tuple(
            _restored(line, sum(each.by_line.get(position, 0) for each in taken))
            for position, line in enumerate(order.lines)
        ),
    )


def taken_by(order: Mapping[str, Any]) -> Taken:
    """Return what a redemption took off, read from the order kept with it."""
    by_line = {
        position: line["applied_discount_amount"]
        for position, line in enumerate(order.get("items", ()))
        if line.get("applied_discount_amount")
    }
    return Taken(order.get("applied_discount_amount", 0), by_line)


def _restored(line: Line, given_back: int) -> Line:
    if not given_back:
        return line
    return replace(line, discount_amount=max(0, line.discount_amount - given_back))
