"""Units that a UNIT discount adds to the order and gives for free.

What is added raises the order's amount, what is free is a discount on the line.

Source: engine specification, "UNIT: add items".
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from campaigns.engine.discounts import Effect
from promo.money import round_half_up
from redemptions.engine.applicability import (
    Lists,
    collections_of_line,
    names_of_line,
)
from redemptions.engine.decision import AppliedUnit
from redemptions.engine.facts import Line, UnitFacts
from redemptions.engine.order import (
    NOTHING,
    LineState,
    OrderState,
    Taken,
    UnitChange,
    take_off,
    taken_together,
)


def free_units(
    units: Sequence[AppliedUnit],
    state: OrderState,
    lists: Lists,
    closed: Collection[int] = frozenset(),
) -> Taken:
    """Return what adding ``units``, each on the result of the former, comes to.

    ``lists`` bound what ADD_SAME_ITEMS may add to; nothing is added to or given free
    on lines at the ``closed`` positions.
    """
    parts = []
    for unit in units:
        part = _ADDERS[unit.effect](unit, state, lists, closed)
        state = take_off(state, part)
        parts.append(part)
    return taken_together(parts)


def is_of(line: Line, unit: UnitFacts, all_products_id: str | None) -> bool:
    """Say whether ``line`` is the product or SKU, or a member of the collection."""
    if unit.collection_id is not None:
        is_all = unit.collection_id == all_products_id
        return is_all or unit.collection_id in collections_of_line(line)
    item = unit.sku or unit.product
    return item is not None and not names_of_line(line, item.kind).isdisjoint(
        {item.id, item.source_id}
    )


@dataclass(frozen=True, slots=True)
class Place:
    """The line that units go to: one of the order, or a new one behind them."""

    position: int
    line: LineState
    is_new: bool

    def change(self, count: int) -> dict[int, UnitChange]:
        """Return the change that puts ``count`` units there; none without a unit."""
        if not count:
            return {}
        amount = round_half_up((self.line.unit_price or 0) * count)
        line = self.line.line if self.is_new else None
        return {self.position: UnitChange(count, amount, line=line)}


def place_for(
    unit: UnitFacts, state: OrderState, lists: Lists, closed: Collection[int]
) -> Place:
    """Return where units of a product or SKU go.

    That is the first open line of it which has the unit price that the first of all
    its lines has, else a new line.
    """
    matching = _matching(unit, state, lists)
    price = state.lines[matching[0]].unit_price if matching else None
    if price is None:
        price = _catalogue_price(unit)
    for position in matching:
        if position not in closed and state.lines[position].unit_price == price:
            return Place(position, state.lines[position], is_new=False)
    whole = None if price is None else round_half_up(price)
    line = _new_line(unit, len(state.lines), whole)
    return Place(line.index, LineState(line, 0, None), is_new=True)


def freed(
    state: OrderState, added: Mapping[int, UnitChange], free: Mapping[int, int]
) -> Taken:
    """Return ``added`` with so many units of each line in ``free`` given for free.

    Lines are served in the order of ``free``, each up to its subtotal, all of them
    up to what is left to pay.
    """
    after = take_off(state, Taken(units=added))
    left = after.payable_amount
    by_line: dict[int, int] = {}
    units = dict(added)
    for position, count in free.items():
        line = after.lines[position]
        worth = round_half_up((line.unit_price or 0) * count)
        part = min(worth, line.payable_amount, left)
        left -= part
        if part:
            by_line[position] = part
        units[position] = replace(units.get(position, UnitChange()), freed=count)
    return Taken(by_line=by_line, units=units)


def _new_items(
    unit: AppliedUnit, state: OrderState, lists: Lists, closed: Collection[int]
) -> Taken:
    """Add all units anew and give those for free."""
    if not unit.unit_off:
        return NOTHING
    place = place_for(unit.found, state, lists, closed)
    return freed(state, place.change(unit.unit_off), {place.position: unit.unit_off})


def _missing_items(
    unit: AppliedUnit, state: OrderState, lists: Lists, closed: Collection[int]
) -> Taken:
    """Add what the order lacks; units that are there already may be the free ones."""
    matching = _matching(unit.found, state, lists)
    existing = sum(state.lines[position].quantity for position in matching)
    place = place_for(unit.found, state, lists, closed)
    added = place.change(max(0, unit.unit_off - existing))
    after = take_off(state, Taken(units=added))
    free, left = {}, unit.unit_off
    for position in [*matching, *(added if place.is_new else ())]:
        line = after.lines[position]
        count = min(left, line.quantity - line.discount_quantity)
        if count > 0 and position not in closed:
            free[position] = count
            left -= count
    return freed(state, added, free)


def _same_items(
    unit: AppliedUnit, state: OrderState, lists: Lists, closed: Collection[int]
) -> Taken:
    """Add to every product or SKU of the collection that the order holds."""
    added: dict[int, UnitChange] = {}
    left = _Bounds(lists)
    matching = _matching(unit.found, state, lists)
    held = [position for position in matching if state.lines[position].quantity]
    for position in _first_of_each(held, state):
        governing = lists.entry_for(state.lines[position].line)
        if governing is None or position in closed:
            continue
        count = left.take(governing, unit.unit_off)
        added |= Place(position, state.lines[position], is_new=False).change(count)
    free = {position: change.quantity for position, change in added.items()}
    return freed(state, added, free)


class _Bounds:
    """How many units the entries of a rule still let a discount give."""

    def __init__(self, lists: Lists) -> None:
        self._entries = lists.entries
        self._given: dict[int, int] = {}

    def take(self, governing: int, wanted: int) -> int:
        limit = self._entries[governing].aggregated_quantity_limit
        given = self._given.get(governing, 0)
        count = wanted if limit is None else min(wanted, max(0, limit - given))
        self._given[governing] = given + count
        return count


_ADDERS = {
    Effect.ADD_NEW_ITEMS: _new_items,
    Effect.ADD_MISSING_ITEMS: _missing_items,
    Effect.ADD_SAME_ITEMS: _same_items,
}


def _matching(unit: UnitFacts, state: OrderState, lists: Lists) -> list[int]:
    return [
        position
        for position, line in enumerate(state.lines)
        if is_of(line.line, unit, lists.all_products_id)
    ]


def _first_of_each(positions: Iterable[int], state: OrderState) -> list[int]:
    """Return the first position of every distinct SKU, else product."""
    first: dict[object, int] = {}
    for position in positions:
        line = state.lines[position].line
        item = line.sku or line.product
        key = (item.kind, item.id or item.source_id) if item else position
        first.setdefault(key, position)
    return list(first.values())


def _catalogue_price(unit: UnitFacts) -> Fraction | None:
    for item in (unit.sku, unit.product):
        if item is not None and item.price is not None:
            return Fraction(item.price)
    return None


def _new_line(unit: UnitFacts, position: int, price: int | None) -> Line:
    named = {"product_id": unit.product, "sku_id": unit.sku}
    return Line(
        index=position,
        quantity=0,
        price=price,
        amount=None,
        product=unit.product,
        sku=unit.sku,
        echo={name: item.id for name, item in named.items() if item is not None},
    )
