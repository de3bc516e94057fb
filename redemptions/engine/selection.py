"""Which units of which lines an item-level discount reaches, and in which order.

Source: engine specification, "Applicability, application rules, caps".
"""

from collections.abc import Sequence
from itertools import chain, repeat
from typing import NamedTuple

from campaigns.engine.applicability import Entry
from redemptions.engine.applicability import Lists
from redemptions.engine.line_index import LineIndex
from redemptions.engine.order import LineState, OrderState

_FIRST_ONLY = frozenset({"APPLY_TO_CHEAPEST", "APPLY_TO_MOST_EXPENSIVE"})
_CHEAPEST_FIRST = frozenset({"APPLY_TO_CHEAPEST", "APPLY_FROM_CHEAPEST"})
_DEAREST_FIRST = frozenset({"APPLY_TO_MOST_EXPENSIVE", "APPLY_FROM_MOST_EXPENSIVE"})


class Covered(NamedTuple):
    """Units of one line that an entry selects.

    ``position`` is the line's, ``entry_position`` the entry's in its list; ``units``
    are 1-based and never empty. A tuple, because a large order makes thousands.
    """

    entry: Entry
    entry_position: int
    position: int
    units: range


def covered_units(
    lists: Lists, state: OrderState, closed: frozenset[int] = frozenset()
) -> tuple[Covered, ...]:
    """Return what the discount may touch, in the order in which it is served.

    ``closed`` holds the positions of lines no further item discount may touch. What
    one discount reached, the next with the same lists reaches as long as no units
    change: that is worked out once.
    """
    asked = lists, closed
    covered: tuple[Covered, ...]
    for units, before, covered in state.index.reached:
        if units is state.units and before == asked:
            return covered
    covered = _worked_out(lists, state, closed)
    state.index.reached.append((state.units, asked, covered))
    return covered


def _worked_out(
    lists: Lists, state: OrderState, closed: frozenset[int]
) -> tuple[Covered, ...]:
    members = _members(lists, state.index, closed)
    return tuple(
        chain.from_iterable(
            _covered_by(
                lists.entries[governing], governing, members[governing], state.units
            )
            for governing in sorted(members)
        )
    )


def _members(
    lists: Lists, index: LineIndex, closed: frozenset[int]
) -> dict[int, list[int]]:
    """Return the positions of the lines that each entry governs, by the entry's."""
    governing = _governing(lists, index)
    if not (closed or lists.excluded or lists.fences) and len(lists.entries) == 1:
        return {0: list(governing)} if governing else {}
    barred = closed.union(
        *(index.of_entry(each, lists.all_products_id) for each in lists.excluded)
    )
    fences = [
        {
            position
            for each in fence
            for position in index.of_entry(each, lists.all_products_id)
        }
        for fence in lists.fences
    ]
    members: dict[int, list[int]] = {}
    for position in sorted(governing):
        if position not in barred and all(position in fence for fence in fences):
            members.setdefault(governing[position], []).append(position)
    return members


def _governing(lists: Lists, index: LineIndex) -> dict[int, int]:
    """Return the position of the nearest entry of every line that one names."""
    governing: dict[int, int] = {}
    for at in reversed(lists.nearest_first):
        positions = index.of_entry(lists.entries[at], lists.all_products_id)
        governing.update(dict.fromkeys(positions, at))
    return governing


def _covered_by(
    entry: Entry, governing: int, positions: list[int], lines: Sequence[LineState]
) -> list[Covered]:
    ranked = _ranked(entry, positions, lines)
    quantities = [lines[position].quantity for position in ranked]
    selected = _capped(entry, _selected(entry, quantities))
    rows = zip(repeat(entry), repeat(governing), ranked, selected, strict=False)
    found = map(Covered._make, rows)
    return list(found) if all(selected) else [each for each in found if each.units]


def _ranked(
    entry: Entry, positions: list[int], lines: Sequence[LineState]
) -> list[int]:
    """Order lines by unit price where the entry asks so; unpriced ones stay out."""
    if entry.effect not in _CHEAPEST_FIRST | _DEAREST_FIRST:
        return positions
    priced = [
        (price, position)
        for position in positions
        if (price := lines[position].unit_price) is not None
    ]
    sign = 1 if entry.effect in _CHEAPEST_FIRST else -1
    return [position for _, position in sorted(priced, key=lambda p: sign * p[0])]


def _selected(entry: Entry, quantities: Sequence[int]) -> list[range]:
    if entry.effect in _FIRST_ONLY:
        return _first_resource(entry, quantities)
    if entry.target == "UNIT":
        return _every_nth_unit(entry, quantities)
    if entry.repeat == 1 and not entry.skip_initially:
        return [range(1, quantity + 1) for quantity in quantities]
    return [
        range(1, quantity + 1)
        if index >= entry.skip_initially
        and (index - entry.skip_initially) % entry.repeat == 0
        else range(0)
        for index, quantity in enumerate(quantities)
    ]


def _first_resource(entry: Entry, quantities: Sequence[int]) -> list[range]:
    return [
        range(1, (min(quantity, 1) if entry.target == "UNIT" else quantity) + 1)
        if index == 0
        else range(0)
        for index, quantity in enumerate(quantities)
    ]


def _every_nth_unit(entry: Entry, quantities: Sequence[int]) -> list[range]:
    """Number the units through the lines; take s+1, s+1+r, s+1+2r and so on."""
    selected, before, upcoming = [], 0, entry.skip_initially + 1
    for quantity in quantities:
        units = range(upcoming - before, quantity + 1, entry.repeat)
        selected.append(units)
        upcoming += len(units) * entry.repeat
        before += quantity
    return selected


def _capped(entry: Entry, selected: Sequence[range]) -> list[range]:
    """Cut to the units a line, then all lines together, may have discounted."""
    if entry.quantity_limit is None and entry.aggregated_quantity_limit is None:
        return list(selected)
    capped, left = [], entry.aggregated_quantity_limit
    for units in selected:
        kept = units[: entry.quantity_limit][:left]
        if left is not None:
            left -= len(kept)
        capped.append(kept)
    return capped
