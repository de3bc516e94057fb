"""What a discount is: the definition a marketer stores, parsed and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class DiscountType(StrEnum):
    """The kinds of discount the API knows."""

    AMOUNT = "AMOUNT"
    PERCENT = "PERCENT"
    FIXED = "FIXED"
    UNIT = "UNIT"


class Effect(StrEnum):
    """What the discount is applied to."""

    APPLY_TO_ORDER = "APPLY_TO_ORDER"
    APPLY_TO_ITEMS = "APPLY_TO_ITEMS"
    APPLY_TO_ITEMS_BY_QUANTITY = "APPLY_TO_ITEMS_BY_QUANTITY"
    APPLY_TO_ITEMS_PROPORTIONALLY = "APPLY_TO_ITEMS_PROPORTIONALLY"
    APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY = (
        "APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY"
    )
    ADD_MISSING_ITEMS = "ADD_MISSING_ITEMS"
    ADD_NEW_ITEMS = "ADD_NEW_ITEMS"
    ADD_SAME_ITEMS = "ADD_SAME_ITEMS"
    ADD_MANY_ITEMS = "ADD_MANY_ITEMS"
    REPLACE_ITEMS = "REPLACE_ITEMS"


@dataclass(frozen=True, slots=True)
class UnitDiscount:
    """One member of a UNIT discount that adds many items."""

    unit_off: int | None
    unit_type: str
    effect: Effect
    unit_off_formula: str | None = None


@dataclass(frozen=True, slots=True)
class Discount:
    """A stored discount definition.

    Amounts are minor units, ``percent_off`` lies between 0 and 100. ``effect`` is
    None when the marketer chose none: the default is resolved at calculation.
    ``formulas`` maps a value field (``percent_off``) to its formula text.
    """

    type: DiscountType
    effect: Effect | None = None
    amount_off: int | None = None
    percent_off: Decimal | None = None
    fixed_amount: int | None = None
    unit_off: int | None = None
    unit_type: str | None = None
    units: tuple[UnitDiscount, ...] = ()
    amount_limit: int | None = None
    aggregated_amount_limit: int | None = None
    formulas: Mapping[str, str] = field(default_factory=dict)


def unit_types_of(discount: Discount) -> tuple[str, ...]:
    """Return what a UNIT discount gives, as stored; nothing for other types."""
    own = (discount.unit_type,) if discount.unit_type else ()
    return (*own, *(unit.unit_type for unit in discount.units))
