"""The ``applicable_to`` and ``inapplicable_to`` lists of an answer.

Each is a tuple of wire entries: first what the rule names (``strict`` false), then
the concrete items reached through a wider entry (``strict`` true).

Source: rules specification, "Response side".
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from campaigns.engine.applicability import Entry
from campaigns.engine.discounts import DiscountType, Effect
from redemptions.engine.applicability import Lists
from redemptions.engine.decision import AppliedDiscount
from redemptions.engine.facts import Line
from redemptions.engine.order import OrderState
from redemptions.engine.selection import Covered

MOST_UNITS_LISTED = 1000

WireEntry = dict[str, Any]


def applicable_entries(
    lists: Lists,
    state: OrderState,
    covered: Sequence[Covered],
    discount: AppliedDiscount,
) -> tuple[WireEntry, ...]:
    """Return the wire form of what the discount may touch, and of what it did."""
    if not lists.listed:
        return ()
    entries = _listed(lists.listed, state, covered)
    is_new_price = (
        discount.definition.type is DiscountType.FIXED
        and discount.effect is Effect.APPLY_TO_ITEMS
    )
    if is_new_price:
        for entry in entries:
            _put_price(entry, discount)
    return tuple(entries)


def _put_price(entry: WireEntry, discount: AppliedDiscount) -> None:
    """Show the new price: that of the first line reached, else the stored one."""
    reached = entry.get("order_item_indices", ())
    first = next((at for at in reached if at in discount.prices), None)
    if first is not None:
        entry["price"] = discount.prices[first]
    elif reached and reached[0] in discount.by_line:
        entry.setdefault("price", discount.by_line[reached[0]])
    elif discount.value is not None:
        entry.setdefault("price", discount.value)


def inapplicable_entries(lists: Lists, state: OrderState) -> tuple[WireEntry, ...]:
    """Return the wire form of what the discount must not touch."""
    if not lists.excluded:
        return ()
    covered = []
    for position, line in enumerate(state.lines):
        nearest = lists.match(lists.excluded, line.line)
        if nearest is not None and line.quantity:
            entry = lists.excluded[nearest]
            units = range(1, line.quantity + 1)
            covered.append(Covered(entry, nearest, position, units))
    return tuple(_listed(lists.excluded, state, covered))


def wire_list(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return ``entries`` in the list envelope of the API."""
    return {
        "data": [dict(entry) for entry in entries],
        "total": len(entries),
        "data_ref": "data",
        "object": "list",
    }


def _listed(
    entries: Sequence[Entry], state: OrderState, covered: Sequence[Covered]
) -> list[WireEntry]:
    with_units = sum(line.quantity for line in state.lines) <= MOST_UNITS_LISTED
    rendered: list[WireEntry] = []
    for position, entry in enumerate(entries):
        reached = [each for each in covered if each.entry_position == position]
        echo = _echo(entry)
        rendered.append(echo | _reach(reached, with_units=with_units))
        if entry.object == "products_collection":
            rendered += _members(echo, reached, state, with_units=with_units)
    return list(_without_duplicates(rendered))


def _echo(entry: Entry) -> WireEntry:
    named = {"object": entry.object, "id": entry.id}
    if entry.source_id is not None:
        named["source_id"] = entry.source_id
    defaults = {
        "effect": entry.effect,
        "skip_initially": entry.skip_initially,
        "repeat": entry.repeat,
        "target": entry.target,
    }
    caps = {
        name: value
        for name in (
            "price",
            "price_formula",
            "quantity_limit",
            "aggregated_quantity_limit",
            "amount_limit",
            "aggregated_amount_limit",
        )
        if (value := getattr(entry, name)) is not None
    }
    return named | defaults | caps | dict(entry.definition) | {"strict": False}


def _members(
    echo: WireEntry,
    reached: Sequence[Covered],
    state: OrderState,
    *,
    with_units: bool,
) -> Iterable[WireEntry]:
    """Name the product or SKU of each line reached through a collection."""
    settings = {
        name: value
        for name, value in echo.items()
        if name not in {"object", "id", "source_id", "name"}
    }
    by_item: dict[tuple[str, str | None], list[Covered]] = {}
    identities: dict[tuple[str, str | None], WireEntry] = {}
    for each in reached:
        identity = _identity(state.lines[each.position].line)
        if identity is not None:
            key = (identity["object"], identity["id"] or identity.get("source_id"))
            identities[key] = identity
            by_item.setdefault(key, []).append(each)
    for key, units in by_item.items():
        reach = _reach(units, with_units=with_units)
        yield identities[key] | settings | {"strict": True} | reach


def _identity(line: Line) -> WireEntry | None:
    """Name the line's SKU, else its product; None for a line that names neither."""
    item = line.sku or line.product
    if item is None:
        return None
    identity: WireEntry = {"object": item.kind, "id": item.id}
    if item.source_id is not None:
        identity["source_id"] = item.source_id
    if item is line.sku and line.product is not None:
        identity["product_id"] = line.product.id
        if line.product.source_id is not None:
            identity["product_source_id"] = line.product.source_id
    return identity


def _reach(reached: Sequence[Covered], *, with_units: bool) -> WireEntry:
    if not reached:
        return {}
    return {
        "order_item_indices": [each.position for each in reached],
        "order_item_units": [
            {"index": each.position, "units": list(each.units)}
            if with_units
            else {"index": each.position, "units_limit_exceeded": True}
            for each in reached
        ],
    }


def _without_duplicates(entries: Iterable[WireEntry]) -> Iterable[WireEntry]:
    """Keep one entry per resource, where it first stood; the strict one wins."""
    kept: dict[tuple[str, Any], WireEntry] = {}
    for entry in entries:
        key = (entry["object"], entry["id"] or entry.get("source_id"))
        if key not in kept or (entry["strict"] and not kept[key]["strict"]):
            kept[key] = entry
    return kept.values()
