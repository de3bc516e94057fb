"""How many bundles an order holds, of which units, and what is missing for one.

Units that the client sent count, each once: for the nearest part first (SKU, product,
collection), in the order of the lines.

Source: engine specification, "Bundles".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.engine.bundles import Bundle, BundlePart
from campaigns.engine.rules import ItemObject
from redemptions.engine.applicability import covers
from redemptions.engine.facts import Line
from redemptions.engine.rule_values import as_json

_NEARNESS: dict[ItemObject | None, int] = {
    "sku": 0,
    "product": 1,
    "products_collection": 2,
}


@dataclass(frozen=True, slots=True)
class Identified:
    """Units of the line at ``index`` that are part of bundles."""

    object: ItemObject
    id: str | None
    index: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Lacking:
    """Units that one bundle still needs."""

    part: BundlePart
    quantity: int


@dataclass(frozen=True, slots=True)
class BundleCount:
    """The bundles found in an order: ``quantity`` of at most ``bundle.limit``.

    ``identified`` are the units in them; with no bundle complete, those at hand for
    one, and ``missing`` the rest.
    """

    bundle: Bundle
    quantity: int
    identified: tuple[Identified, ...]
    missing: tuple[Lacking, ...] = ()

    @property
    def times(self) -> int:
        """How often the discount is given; once for an order that needs no bundle."""
        return max(1, self.quantity) if self.bundle.multiplies else 1

    def as_json(self) -> dict[str, Any]:
        """Return the count for the trace: how many, and what is missing for one."""
        missing = [
            {"target": as_json(each.part.target), "quantity": each.quantity}
            for each in self.missing
        ]
        return {"quantity": self.quantity, "missing": missing}


def count_bundles(
    bundle: Bundle, lines: Sequence[Line], all_products_id: str | None
) -> BundleCount:
    """Return the largest number of bundles for which the units suffice."""
    nearest_first = sorted(
        bundle.parts, key=lambda part: _NEARNESS.get(part.target.object, len(_NEARNESS))
    )
    reached = [
        [line for line in lines if covers(part.target, line, all_products_id)]
        for part in nearest_first
    ]
    most = min(
        sum(line.quantity for line in found) // part.quantity
        for part, found in zip(nearest_first, reached, strict=True)
    )
    for quantity in range(min(most, bundle.limit), 0, -1):
        used, lacking = _used(nearest_first, reached, quantity)
        if not lacking:
            return BundleCount(bundle, quantity, _identified(lines, used))
    used, lacking = _used(nearest_first, reached, 1)
    return BundleCount(bundle, 0, _identified(lines, used), lacking)


def _used(
    parts: Sequence[BundlePart], reached: Sequence[Sequence[Line]], quantity: int
) -> tuple[dict[int, int], tuple[Lacking, ...]]:
    """Give each part its units; return the units used by line, and what is lacking."""
    used: dict[int, int] = {}
    lacking = []
    for part, lines in zip(parts, reached, strict=True):
        needed = part.quantity * quantity
        for line in lines:
            count = min(needed, line.quantity - used.get(line.index, 0))
            used[line.index] = used.get(line.index, 0) + count
            needed -= count
        if needed:
            lacking.append(Lacking(part, needed))
    return used, tuple(lacking)


def _identified(lines: Sequence[Line], used: dict[int, int]) -> tuple[Identified, ...]:
    return tuple(
        _named(line, used[line.index]) for line in lines if used.get(line.index)
    )


def _named(line: Line, quantity: int) -> Identified:
    kind: ItemObject = "sku" if line.sku or line.echo.get("sku_id") else "product"
    item = line.sku if kind == "sku" else line.product
    known = None if item is None else item.id or item.source_id
    sent = line.echo.get(f"{kind}_id") or line.echo.get("source_id")
    return Identified(kind, known or sent, line.index, quantity)
