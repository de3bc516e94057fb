"""What the things are called that distributions name."""

from collections.abc import Iterable, Mapping
from typing import Any

from promo.ids import parse_or_none
from promo.tenancy.models import Project

Json = Mapping[str, Any]
_PARTS = ("trigger", "audience", "conditions", "action", "cancel_if")
#: Where the things of an id's prefix are, reached through the project.
_HOLDERS = {
    "seg_": "segments",
    "camp_": "campaigns",
    "promo_": "promotion_tiers",
    "val_": "validation_rules",
    "cust_": "customers",
}


def names_in(project: Project, designs: Iterable[Json]) -> dict[str, str]:
    """Return the names of what ``designs`` name, by id; one statement a kind.

    A design holds the parts of a distribution by name. What is gone has no name.
    """
    named = {
        text
        for design in designs
        for part in _PARTS
        for text in (design.get(part) or {}).values()
        if isinstance(text, str)
    }
    found: dict[str, str] = {}
    for prefix, holder in _HOLDERS.items():
        ids = [text for text in named if parse_or_none(prefix, text)]
        if not ids:
            continue
        rows = getattr(project, holder).filter(pk__in=ids)
        found |= {row.pk: str(row) for row in getattr(rows, "alive", rows.all)()}
    return found
