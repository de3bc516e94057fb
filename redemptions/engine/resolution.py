"""A stored discount made ready to calculate: its effect, its value, its limits.

Source: engine specification, "Discount types and effects".
"""

from collections.abc import Mapping
from decimal import Decimal

from campaigns.engine.discounts import Discount, DiscountType, Effect, UnitDiscount
from redemptions.engine.applicability import Lists
from redemptions.engine.decision import AppliedDiscount, AppliedUnit
from redemptions.engine.dynamic import Settled, settle
from redemptions.engine.facts import UnitFacts
from redemptions.engine.formula_facts import FormulaFacts
from redemptions.engine.refusals import Refusal, nothing_given, unsupported

VALUE_FIELD = {
    DiscountType.AMOUNT: "amount_off",
    DiscountType.PERCENT: "percent_off",
    DiscountType.FIXED: "fixed_amount",
    DiscountType.UNIT: "unit_off",
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
    DiscountType.UNIT: frozenset(
        {
            Effect.ADD_MISSING_ITEMS,
            Effect.ADD_NEW_ITEMS,
            Effect.ADD_SAME_ITEMS,
            Effect.ADD_MANY_ITEMS,
            Effect.REPLACE_ITEMS,
        }
    ),
}
_HUNDRED = Decimal(100)
#: Effects whose value may differ from line to line.
_BY_LINE = frozenset({Effect.APPLY_TO_ITEMS, Effect.APPLY_TO_ITEMS_BY_QUANTITY})


def resolve(
    discount: Discount,
    lists: Lists,
    units: Mapping[str, UnitFacts],
    operands: FormulaFacts,
) -> AppliedDiscount | Refusal:
    """Return ``discount`` with its effect and value settled, or why that fails.

    Negative values count as 0, a percentage is held between 0 and 100. A formula
    without a value is answered by the stored number beside it, 0 where there is none.
    ``units`` is what the catalogue has of the things that UNIT discounts give,
    ``operands`` what formulas read.
    """
    effect = discount.effect or _default_effect(discount, lists)
    if effect not in CALCULABLE[discount.type]:
        return unsupported(f"A {discount.type} discount with effect {effect}")
    field = VALUE_FIELD[discount.type]
    settled = settle(discount, field, operands, by_line=effect in _BY_LINE)
    if discount.type is DiscountType.UNIT:
        return _units(settled, effect, units)
    value: int | Decimal | None = getattr(settled.discount, field)
    if value is None and field in discount.formulas:
        value = 0
    return AppliedDiscount(
        discount,
        effect,
        _in_bounds(discount.type, value),
        is_dynamic=settled.is_dynamic,
        by_line=settled.by_line,
        worked=settled.worked,
    )


def _units(
    settled: Settled, effect: Effect, known: Mapping[str, UnitFacts]
) -> AppliedDiscount | Refusal:
    applied, discount = [], settled.discount
    for member in members_of(discount, effect):
        found = known.get(member.unit_type)
        if found is None or not _is_given_by(member.effect, found):
            return nothing_given(member.unit_type)
        count = max(0, member.unit_off or 0)
        applied.append(AppliedUnit(member.unit_type, member.effect, count, found))
    value = None if discount.units else applied[0].unit_off
    return AppliedDiscount(
        discount,
        effect,
        value,
        is_dynamic=settled.is_dynamic,
        units=tuple(applied),
        worked=settled.worked,
    )


def members_of(discount: Discount, effect: Effect) -> tuple[UnitDiscount, ...]:
    """Return what a UNIT discount gives, also when it is one thing alone."""
    if discount.units or discount.unit_type is None:
        return discount.units
    formula = discount.formulas.get("unit_off")
    return (UnitDiscount(discount.unit_off, discount.unit_type, effect, formula),)


def _is_given_by(effect: Effect, found: UnitFacts) -> bool:
    """Only ADD_SAME_ITEMS can give from a collection."""
    return found.collection_id is None or effect is Effect.ADD_SAME_ITEMS


def _default_effect(discount: Discount, lists: Lists) -> Effect:
    if discount.type is DiscountType.UNIT:
        return Effect.ADD_MANY_ITEMS if discount.units else Effect.ADD_MISSING_ITEMS
    return Effect.APPLY_TO_ITEMS if lists.names_items else Effect.APPLY_TO_ORDER


def _in_bounds(
    kind: DiscountType, stored: int | Decimal | None
) -> int | Decimal | None:
    if stored is None or stored < 0:
        return None if stored is None else 0
    return min(stored, _HUNDRED) if kind is DiscountType.PERCENT else stored
