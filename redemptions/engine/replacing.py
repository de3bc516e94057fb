"""Units that give way to others: an upgrade at the old price, or a downgrade.

Source: engine specification, "UNIT: replace items (upgrade)".
"""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import replace
from fractions import Fraction

from promo.money import round_half_up
from redemptions.engine.applicability import Lists
from redemptions.engine.decision import AppliedUnit
from redemptions.engine.order import (
    NOTHING,
    LineState,
    OrderState,
    Replacement,
    Taken,
    UnitChange,
    take_off,
    taken_together,
)
from redemptions.engine.selection import Covered
from redemptions.engine.units import is_of, place_for


def replaced_units(
    unit: AppliedUnit,
    state: OrderState,
    lists: Lists,
    covered: Sequence[Covered],
    closed: Collection[int] = frozenset(),
) -> Taken:
    """Return what replacing the ``covered`` units comes to, line after line.

    ``unit_off`` units come for each. What they cost more is a discount on their
    line; what they cost less lowers the total. Units of the thing itself stay, and
    so do those that are free already.
    """
    parts = []
    for each in covered:
        line = state.lines[each.position].line
        if is_of(line, unit.found, lists.all_products_id):
            continue
        part = _replaced(unit, state, lists, each, closed)
        state = take_off(state, part)
        parts.append(part)
    return taken_together(parts)


def _replaced(
    unit: AppliedUnit,
    state: OrderState,
    lists: Lists,
    source: Covered,
    closed: Collection[int],
) -> Taken:
    place = place_for(unit.found, state, lists, closed)
    line = state.lines[source.position]
    gain = (place.line.unit_price or Fraction(0)) * unit.unit_off
    units = min(len(source.units), line.quantity - line.discount_quantity)
    count = _replaceable(line, units, gain, state.payable_amount)
    if not count or not unit.unit_off:
        return NOTHING
    lost, gained = _worth(line, count), place.change(count * unit.unit_off)
    change = gained[place.position]
    discount = max(0, change.amount - lost)
    replacement = Replacement(
        source=source.position,
        source_quantity=-count,
        source_amount=-lost,
        target=place.position,
        target_quantity=change.quantity,
        target_amount=change.amount,
        discount_amount=discount,
    )
    both = {
        source.position: UnitChange(-count, -lost, replacements=(replacement,)),
        place.position: replace(change, replacements=(replacement,)),
    }
    by_line = {place.position: discount} if discount else {}
    return Taken(by_line=by_line, units=both)


def _replaceable(line: LineState, units: int, gain: Fraction, payable: int) -> int:
    """Return how many of the units may go, ``gain`` coming for each.

    What earlier discounts have paid for stays: neither the line's subtotal nor the
    order's total may fall below nothing.
    """

    def takes_too_much(count: int) -> bool:
        lost = _worth(line, count)
        return (
            lost > line.payable_amount or lost - round_half_up(gain * count) > payable
        )

    return bisect_left(range(1, units + 1), x=True, key=takes_too_much)


def _worth(line: LineState, count: int) -> int:
    """Return what ``count`` units are worth; all of them, what the line is worth."""
    if count == line.quantity:
        return line.amount or 0
    return round_half_up((line.unit_price or 0) * count)
