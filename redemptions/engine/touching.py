"""Whether a redeemable has to do with an order's lines at all.

Source: engine specification, "Qualification, Candidates".
"""

from collections.abc import Iterator, Sequence

from campaigns.engine.discounts import (
    Discount,
    DiscountType,
    Effect,
    unit_types_of,
)
from campaigns.engine.rules import RuleSet, Target
from redemptions.engine.applicability import covers
from redemptions.engine.discountable import lists_of
from redemptions.engine.facts import Facts, Line, Redeemable
from redemptions.engine.item_rules import NEGATIVE
from redemptions.engine.units import is_of


def touches_an_item(redeemable: Redeemable, facts: Facts) -> bool:
    """Say whether lists, a product condition or a bundle name one of the lines.

    A redeemable that includes all items touches every one.
    """
    lines = facts.order.lines if facts.order else ()
    lists = lists_of(redeemable, facts)
    if lists.listed and any(lists.entry_for(line) is not None for line in lines):
        return True
    targets = [target for each in redeemable.rules for target in _targets(each.rules)]
    bundles = [each.bundle for each in redeemable.rules if each.bundle is not None]
    targets += [part.target for bundle in bundles for part in bundle.parts]
    return any(
        covers(target, line, facts.all_products_id)
        for target in targets
        for line in lines
    )


def discounts_an_item(redeemable: Redeemable, facts: Facts) -> bool:
    """Say whether discount or credits go to items and may be given on a line.

    What a UNIT discount adds must be in the order.
    """
    discount = redeemable.discount
    lines = facts.order.lines if facts.order else ()
    if discount is not None and discount.type is DiscountType.UNIT:
        return any(_gives(discount, line, facts) for line in lines)
    given = discount or redeemable.gift
    if given is None or given.effect in {None, Effect.APPLY_TO_ORDER}:
        return False
    lists = lists_of(redeemable, facts)
    return any(lists.entry_for(line) is not None for line in lines)


def _gives(discount: Discount, line: Line, facts: Facts) -> bool:
    given = (facts.units.get(each) for each in unit_types_of(discount))
    return any(
        is_of(line, unit, facts.all_products_id) for unit in given if unit is not None
    )


def _targets(rules: RuleSet) -> Iterator[Target]:
    for rule in rules.rules.values():
        for operator, values in rule.conditions.items():
            if operator not in NEGATIVE:
                yield from _named(values)
        if rule.nested is not None:
            yield from _targets(rule.nested)


def _named(values: Sequence[object]) -> Iterator[Target]:
    return (value for value in values if isinstance(value, Target))
