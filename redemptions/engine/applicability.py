"""Which lists govern a redeemable's items, once all its rule sets are joined.

Source: rules specification, "Which lines may be discounted".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from campaigns.engine.applicability import ApplicableTo, Entry
from campaigns.engine.rules import ItemObject, Target
from redemptions.engine.facts import AssignedRules, ItemFacts, Line

KINDS: tuple[ItemObject, ...] = ("product", "sku", "products_collection")
# A SKU entry is nearer to a line than its product's, that nearer than a collection's.
_NEARNESS = {"sku": 0, "product": 1, "products_collection": 2}


@dataclass(frozen=True, slots=True)
class Lists:
    """The joined lists of a redeemable.

    ``entries`` give effect, price and caps, in list order; a line takes its nearest.
    ``fences`` are the included entries of the other sets: a line must be in each.
    ``names_items`` is False when nobody listed anything.
    """

    entries: tuple[Entry, ...]
    fences: tuple[tuple[Entry, ...], ...]
    excluded: tuple[Entry, ...]
    listed: tuple[Entry, ...]
    names_items: bool
    all_products_id: str | None

    def entry_for(self, line: Line) -> int | None:
        """Return the position of the entry that governs ``line``, None if barred."""
        if self.excluded and self.match(self.excluded, line) is not None:
            return None
        if any(self.match(fence, line) is None for fence in self.fences):
            return None
        return self.match(self.entries, line)

    @property
    def nearest_first(self) -> list[int]:
        """The positions of the entries, those that govern before others first."""
        return sorted(
            range(len(self.entries)), key=lambda at: (_nearness(self.entries[at]), at)
        )

    def match(self, entries: Sequence[Entry], line: Line) -> int | None:
        """Return the position of the entry nearest to ``line``, None if none is."""
        found = [
            (_nearness(entry), position)
            for position, entry in enumerate(entries)
            if self.holds(entry, line)
        ]
        return min(found)[1] if found else None

    def holds(self, entry: Entry, line: Line) -> bool:
        """Say whether ``line`` is what ``entry`` names, or a member of it."""
        if entry.object == "products_collection":
            return entry.id == self.all_products_id or entry.id in collections_of_line(
                line
            )
        named = names_of_line(line, entry.object)
        return entry.id in named or entry.source_id in named


def _nearness(entry: Entry) -> int:
    return _NEARNESS.get(entry.object, len(_NEARNESS))


def joined_lists(
    rules: Sequence[AssignedRules], all_products_id: str | None = None
) -> Lists:
    """Join the lists of a redeemable's rule sets, the campaign's first.

    Included lists are intersected, exclusions united; the last set that includes
    anything (the redeemable's own) supplies effect, price and caps.
    """
    lists = [each.applicable_to for each in rules if each.applicable_to is not None]
    including = [each for each in lists if each.included or each.included_all]
    everything = _everything(all_products_id)
    governing = _included(including[-1], everything) if including else ()
    excluded = tuple(entry for each in lists for entry in each.excluded)
    return Lists(
        entries=governing or (everything,),
        fences=tuple(_included(each, everything) for each in including[:-1]),
        excluded=excluded,
        listed=governing,
        names_items=bool(governing or excluded),
        all_products_id=all_products_id,
    )


@lru_cache(maxsize=1024)
def _everything(all_products_id: str | None) -> Entry:
    return Entry("products_collection", all_products_id, None)


def _included(lists: ApplicableTo, everything: Entry) -> tuple[Entry, ...]:
    return (everything, *lists.included) if lists.included_all else lists.included


def collections_of_line(line: Line) -> frozenset[str]:
    """Return the ids of the collections that the line's product or SKU is in."""
    held: frozenset[str] = frozenset()
    for item in (line.product, line.sku):
        if item is not None:
            held |= item.collections
    return held


def names_of_line(line: Line, kind: str) -> frozenset[str]:
    """Every id the line's product or SKU goes by; never holds None."""
    item: ItemFacts | None = line.sku if kind == "sku" else line.product
    names = [line.echo.get(f"{kind}_id")]
    if line.echo.get("related_object", kind) == kind:
        names.append(line.echo.get("source_id"))
    if item is not None:
        names += [item.id, item.source_id]
    return frozenset(name for name in names if name)


def covers(target: Target, line: Line, all_products_id: str | None) -> bool:
    """Say whether ``line`` is what ``target`` names, or a member of it."""
    kinds = KINDS if target.object is None else (target.object,)
    return any(_is_a(kind, target, line, all_products_id) for kind in kinds)


def _is_a(
    kind: ItemObject, target: Target, line: Line, all_products_id: str | None
) -> bool:
    if kind == "products_collection":
        if target.id is None:
            return False
        return target.id == all_products_id or target.id in collections_of_line(line)
    names = names_of_line(line, kind)
    return target.id in names or target.source_id in names
