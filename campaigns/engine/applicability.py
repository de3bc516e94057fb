"""Which items a discount may touch: the ``applicable_to`` of a validation rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class LastingCap:
    """A cap on units over the life of a campaign or promotion tier.

    ``by_member`` counts each member of a collection by itself, ``by_customer`` each
    customer. A ``formula`` may stand beside ``limit`` or in its place.
    """

    scope: Literal["campaign", "promotion_tier"]
    by_member: bool = False
    by_customer: bool = False
    limit: int | None = None
    formula: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One included or excluded product, SKU or collection.

    ``object`` is ``product``, ``sku`` or ``products_collection``; ``id`` and
    ``source_id`` each identify it. Caps are minor units or whole units.
    ``definition`` is the entry as stored, for echoing.
    """

    object: str
    id: str | None
    source_id: str | None
    effect: str = "APPLY_TO_EVERY"
    skip_initially: int = 0
    repeat: int = 1
    target: str = "ITEM"
    price: int | None = None
    price_formula: str | None = None
    quantity_limit: int | None = None
    aggregated_quantity_limit: int | None = None
    amount_limit: int | None = None
    aggregated_amount_limit: int | None = None
    lasting_caps: tuple[LastingCap, ...] = ()
    definition: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApplicableTo:
    """The lists of one validation rule; exclusion wins."""

    included: tuple[Entry, ...] = ()
    excluded: tuple[Entry, ...] = ()
    included_all: bool = False
