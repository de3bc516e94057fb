"""How far a restricted caller reaches: areas, all stores of areas, single stores.

The three levels are apart: an area is not its stores, and all stores of an area, those
to come too, are more than each of those that there are. Nothing here knows storage.

Source: platform specification, "Areas and stores".
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One assignment: an area, ``all_stores`` of it, or one ``store`` of it, by id."""

    area: str
    store: str | None = None
    all_stores: bool = False

    def covers(self, other: "Place") -> bool:
        """Say whether whoever is here is everywhere that ``other`` is."""
        if self == other:
            return True
        return self.all_stores and other.store is not None and self.area == other.area

    def meets(self, other: "Place") -> bool:
        """Say whether the two have a place in common."""
        return self.covers(other) or other.covers(self)


Places = frozenset[Place]


def overlaps(actor: Iterable[Place], thing: Iterable[Place]) -> bool:
    """Say whether ``actor`` may see and use ``thing``; what is nowhere meets nobody."""
    things = list(thing)
    return any(mine.meets(theirs) for mine in actor for theirs in things)


def covers(actor: Iterable[Place], thing: Iterable[Place]) -> bool:
    """Say whether ``actor`` may change ``thing``: it is nowhere that he is not."""
    mine, theirs = list(actor), list(thing)
    return bool(theirs) and all(
        any(place.covers(other) for place in mine) for other in theirs
    )
