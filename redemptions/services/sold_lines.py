"""The lines of an order as they were sold: laid down, named, counted back.

Source: ADR 0014.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from promo import ids, sql_arrays
from promo.errors import BadRequest, InvalidPayload
from promo.sql_pipeline import Asked
from redemptions.engine import returns
from redemptions.engine.rollback import taken_by
from redemptions.models import Order, Redemption, SoldLine
from redemptions.models.redemption import Status
from redemptions.services.kept_orders import kept_facts

#: By what a request may name a line, besides its id and its index.
NAMES = ("source_id", "product_id", "sku_id")

Item = Mapping[str, Any]

_TAKE_BACK = """
UPDATE redemptions_soldline s
SET returned_quantity = s.returned_quantity + w.n
FROM unnest(%(positions)s::bigint[], %(quantities)s::bigint[]) AS w (p, n)
WHERE s.order_id = %(order)s AND s.position = w.p
AND s.returned_quantity + w.n <= s.quantity RETURNING s.position, s.returned_quantity
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLine:
    """Units to return of the line that has this id, this index, or this item."""

    quantity: int
    id: str | None = None
    index: int | None = None
    source_id: str | None = None
    product_id: str | None = None
    sku_id: str | None = None


@dataclass(frozen=True, slots=True)
class Units:
    """Units of the line at ``position``; ``path`` is where the request names it."""

    position: int
    quantity: int
    path: str


@dataclass(frozen=True, slots=True)
class LeftLine:
    """A line, by its position and as the order kept it, with the units left of it."""

    position: int
    quantity: int
    item: Item


def lay_down(order: Order, redemptions: Sequence[Redemption]) -> list[SoldLine]:
    """Return the lines of a held order as sold: stored ones, else they are stored now.

    ``redemptions`` are the single ones whose discounts the order shows.
    """
    known = list(order.sold_lines.order_by("position"))
    return known or SoldLine.objects.bulk_create(_worked_out(order, redemptions))


def sold_so_far(order: Order, redemptions: Sequence[Redemption]) -> list[SoldLine]:
    """Return the lines of an order as sold, as ``lay_down`` does; nothing is stored."""
    known = list(order.sold_lines.order_by("position"))
    return known or _worked_out(order, redemptions)


def _worked_out(order: Order, redemptions: Sequence[Redemption]) -> list[SoldLine]:
    facts = kept_facts(order)
    given = [
        returns.Given(row.pk.hex, taken_by(row.order_state or {}, facts))
        for row in redemptions
    ]
    return [
        SoldLine(
            project_id=order.project_id,
            order=order,
            position=line.index,
            line_id=line.id or "",
            item=item,
            quantity=sold.quantity,
            amount=sold.amount,
            discounts=dict(sold.discounts),
        )
        for line, sold, item in zip(
            facts.lines, returns.sold_lines(facts, given), order.items, strict=True
        )
    ]


def lines_left(order: Order) -> list[LeftLine]:
    """Return what can still come back of an order, whatever its status is."""
    known = list(order.sold_lines.order_by("position"))
    if known:
        return [LeftLine(one.position, one.left_quantity, one.item) for one in known]
    return [
        LeftLine(line.index, line.quantity, item)
        for line, item in zip(kept_facts(order).lines, order.items, strict=True)
    ]


def find_lines(lines: Sequence[SoldLine], asked: Sequence[AskedLine]) -> list[Units]:
    """Return how many units are asked for of which line, each line once.

    Raises:
        InvalidPayload: nothing is asked for.
        BadRequest: ``invalid_order_item``; no line, or more than one, is meant.
    """
    if not asked:
        raise InvalidPayload("Property .items must NOT have fewer than 1 items")
    found: dict[int, Units] = {}
    for number, each in enumerate(asked):
        path = f".items[{number}]"
        position = _position(lines, each, path)
        earlier = found.get(position, Units(position, 0, path))
        found[position] = replace(earlier, quantity=earlier.quantity + each.quantity)
    return list(found.values())


def _position(lines: Sequence[SoldLine], asked: AskedLine, path: str) -> int:
    if asked.id is not None:
        name, found = "id", [one for one in lines if one.line_id == asked.id]
    elif asked.index is not None:
        name, found = "index", [one for one in lines if one.position == asked.index]
    else:
        name = next((one for one in NAMES if getattr(asked, one)), "source_id")
        value = getattr(asked, name)
        found = [one for one in lines if value and value in _names(one.item, name)]
    if not found:
        raise _invalid(f"Property {path}.{name} must name a line of the order")
    if len(found) > 1:
        raise _invalid(
            f"Property {path}.{name} names {len(found)} lines; name one by its id"
        )
    return found[0].position


def _names(item: Item, name: str) -> list[str | None]:
    """Return what a line's item is called, by the shop and in the catalogue."""
    product, sku = item.get("product") or {}, item.get("sku") or {}
    known = {
        "product_id": [product.get("id")],
        "sku_id": [sku.get("id")],
        "source_id": [product.get("source_id"), sku.get("source_id")],
    }
    return [item.get(name), *known[name]]


def _invalid(details: str) -> BadRequest:
    return BadRequest("invalid_order_item", "Invalid order item", details)


def check_not_rolled_back(
    lines: Sequence[SoldLine],
    wanted: Iterable[Units],
    redemptions: Iterable[Redemption],
) -> None:
    """Refuse units whose discount was taken back with a whole redemption.

    Raises:
        BadRequest: ``already_rolled_back``, naming the redemption.
    """
    gone = {row.pk.hex: row for row in redemptions if row.status == Status.ROLLED_BACK}
    for each in wanted:
        line = lines[each.position]
        if line.left_quantity and (keys := gone.keys() & line.discounts.keys()):
            raise BadRequest(
                "already_rolled_back",
                "Already rolled back",
                f"The discount of {each.path} has been rolled back as a whole.",
                resource_id=gone[min(keys)].shown_id,
                resource_type="redemption",
            )


def take_back(
    order: Order, lines: Sequence[SoldLine], wanted: Sequence[Units]
) -> list[SoldLine]:
    """Count units as returned; return all lines as they are afterwards.

    Raises:
        BadRequest: ``return_quantity_exceeded``; more than is left of a line.
    """
    arguments: dict[str, Any] = {
        "order": ids.parse("ord_", order.pk),
        "positions": sql_arrays.integers(each.position for each in wanted),
        "quantities": sql_arrays.integers(each.quantity for each in wanted),
    }
    counts = dict(Asked(_TAKE_BACK, arguments).rows())
    for each in wanted:
        if each.position not in counts:
            raise _too_many(each, lines[each.position])
    return [_with_count(line, counts.get(line.position)) for line in lines]


def taken_back(lines: Sequence[SoldLine], wanted: Sequence[Units]) -> list[SoldLine]:
    """Return all lines as they would be with units returned; nothing is counted.

    Raises:
        BadRequest: ``return_quantity_exceeded``; more than is left of a line.
    """
    counts = {}
    for each in wanted:
        line = lines[each.position]
        if each.quantity > line.left_quantity:
            raise _too_many(each, line)
        counts[each.position] = line.returned_quantity + each.quantity
    return [_with_count(line, counts.get(line.position)) for line in lines]


def _too_many(asked: Units, line: SoldLine) -> BadRequest:
    return BadRequest(
        "return_quantity_exceeded",
        "Return quantity exceeded",
        f"Property {asked.path}.quantity must be <= {line.left_quantity}, "
        "which is left of the line",
    )


def _with_count(line: SoldLine, count: int | None) -> SoldLine:
    if count is None:
        return line
    changed = copy(line)
    changed.returned_quantity = count
    return changed
