"""A stored discount made ready to calculate: its effect, its value, its limits.

Source: engine specification, "Discount types and effects".
"""

from decimal import Decimal

from campaigns.engine.discounts import Discount, DiscountType, Effect
from redemptions.engine.applicability import Lists
from redemptions.engine.decision import AppliedDiscount
from redemptions.engine.refusals import Refusal, unsupported

VALUE_FIELD = {
    DiscountType.AMOUNT: "amount_off",
    DiscountType.PERCENT: "percent_off",
    DiscountType.FIXED: "fixed_amount",
}
CALCULABLE = {
    DiscountType.AMOUNT: frozenset(
        {
            Effect.APPLY_TO_ORDER,
            Effect.APPLY_TO_ITEMS,
            Effect.APPLY_TO_ITEMS_BY_QUANTITY,
            Effect.APPLY_TO_ITEMS_PROPORTIONALLY,
            Effect.APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY,
        }
    ),
    DiscountType.PERCENT: frozenset({Effect.APPLY_TO_ORDER, Effect.APPLY_TO_ITEMS}),
    DiscountType.FIXED: frozenset({Effect.APPLY_TO_ORDER, Effect.APPLY_TO_ITEMS}),
    DiscountType.UNIT: frozenset[Effect](),
}
_HUNDRED = Decimal(100)
_LONG_RUN_CAPS = tuple(
    f"product_{member}{customer}{scope}_quantity_limit{formula}"
    for member in ("", "in_collection_")
    for customer in ("", "customer_")
    for scope in ("campaign", "promotion_tier")
    for formula in ("", "_formula")
)


def resolve(discount: Discount, lists: Lists) -> AppliedDiscount | Refusal:
    """Return ``discount`` with its effect and value settled, or why that fails.

    Negative values count as 0, a percentage is held between 0 and 100. A formula is
    answered by the stored number beside it.
    """
    effect = discount.effect or _default_effect(lists)
    if effect not in CALCULABLE[discount.type]:
        return unsupported(f"A {discount.type} discount with effect {effect}")
    field = VALUE_FIELD[discount.type]
    stored: int | Decimal | None = getattr(discount, field)
    if stored is None and field in discount.formulas:
        return unsupported(f"{field}_formula without {field}")
    obstacle = None if effect is Effect.APPLY_TO_ORDER else _obstacle(discount, lists)
    if obstacle is not None:
        return unsupported(obstacle)
    return AppliedDiscount(discount, effect, _in_bounds(discount.type, stored))


def _default_effect(lists: Lists) -> Effect:
    return Effect.APPLY_TO_ITEMS if lists.names_items else Effect.APPLY_TO_ORDER


def _in_bounds(
    kind: DiscountType, stored: int | Decimal | None
) -> int | Decimal | None:
    if stored is None or stored < 0:
        return None if stored is None else 0
    return min(stored, _HUNDRED) if kind is DiscountType.PERCENT else stored


def _obstacle(discount: Discount, lists: Lists) -> str | None:
    """Return what an included entry asks that cannot be calculated, None if nothing."""
    for entry in lists.listed:
        for cap in _LONG_RUN_CAPS:
            if entry.definition.get(cap) is not None:
                return cap
        is_priced_by_formula = entry.price_formula and entry.price is None
        if discount.type is DiscountType.FIXED and is_priced_by_formula:
            return "price_formula without price"
    return None
