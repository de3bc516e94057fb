"""The lines of an order found by what they are of.

A discount that names one product of an order of many lines looks at that product's
lines alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from campaigns.engine.applicability import Entry
from redemptions.engine.applicability import collections_of_line, names_of_line
from redemptions.engine.facts import Line


@dataclass(frozen=True)
class LineIndex:
    """Positions of ``lines``, ascending, by the names of what is on them.

    ``reached`` keeps what discounts with the same lists reach, for who works it out.
    """

    lines: tuple[Line, ...]
    reached: list[Any] = field(default_factory=list, compare=False, repr=False)

    def of_entry(self, entry: Entry, all_products_id: str | None) -> Sequence[int]:
        """Return the positions of the lines that ``entry`` names, or has as members."""
        if entry.object == "products_collection":
            if entry.id == all_products_id:
                return range(len(self.lines))
            return self._collections.get(entry.id or "", ())
        named = self._skus if entry.object == "sku" else self._products
        by_id = named.get(entry.id or "", ())
        by_source_id = named.get(entry.source_id or "", ())
        if not (by_id and by_source_id):
            return by_id or by_source_id
        return sorted({*by_id, *by_source_id})

    @cached_property
    def _collections(self) -> Mapping[str, Sequence[int]]:
        return _by_name(collections_of_line(line) for line in self.lines)

    @cached_property
    def _products(self) -> Mapping[str, Sequence[int]]:
        return _by_name(names_of_line(line, "product") for line in self.lines)

    @cached_property
    def _skus(self) -> Mapping[str, Sequence[int]]:
        return _by_name(names_of_line(line, "sku") for line in self.lines)


def _by_name(names: Iterable[frozenset[str]]) -> Mapping[str, Sequence[int]]:
    found: dict[str, list[int]] = {}
    for position, each in enumerate(names):
        for name in each:
            found.setdefault(name, []).append(position)
    return found
