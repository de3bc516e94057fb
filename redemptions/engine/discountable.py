"""The lists that govern a redeemable's items, those that old rules imply included.

A flag ``discount_applicable`` inside a rule about products is not a test: what the
rule names may be discounted, as if it stood among the included entries.

Source: rules specification, "Legacy product and SKU rules".
"""

from collections.abc import Iterator
from dataclasses import replace

from campaigns.engine.applicability import ApplicableTo, Entry
from campaigns.engine.rules import Rule, RuleSet, Target
from redemptions.engine.applicability import Lists, joined_lists
from redemptions.engine.counters import usage_of
from redemptions.engine.facts import (
    AssignedRules,
    Facts,
    ItemFacts,
    OrderFacts,
    Redeemable,
)
from redemptions.engine.item_rules import NEGATIVE
from redemptions.engine.order import opening_state
from redemptions.engine.rule_context import RuleContext
from redemptions.engine.rule_evaluation import (
    DISCOUNTABLE,
    NAMED,
    asks_for_true,
    lines_with_metadata,
)

_NO_ORDER = OrderFacts(lines=(), amount=None)


def lists_of(redeemable: Redeemable, facts: Facts) -> Lists:
    """Return the joined lists of the redeemable's rule sets and of their old rules."""
    rules = [_with_flagged(each, redeemable, facts) for each in redeemable.rules]
    return joined_lists(rules, facts.all_products_id)


def _with_flagged(
    assigned: AssignedRules, redeemable: Redeemable, facts: Facts
) -> AssignedRules:
    if assigned.rules.names.isdisjoint(DISCOUNTABLE):
        return assigned
    before = opening_state(facts.order or _NO_ORDER)
    context = RuleContext(facts, redeemable, usage_of(facts), before)
    flagged = tuple(dict.fromkeys(_flagged(assigned.rules, context)))
    if not flagged:
        return assigned
    lists = assigned.applicable_to or ApplicableTo()
    included = tuple(Entry(*each) for each in flagged)
    lists = replace(lists, included=(*lists.included, *included))
    return replace(assigned, applicable_to=lists)


Named = tuple[str, str | None, str | None]


def _flagged(rules: RuleSet, context: RuleContext) -> Iterator[Named]:
    """Name what the flagged rules are about: object, id, source id."""
    for rule in rules.read:
        if rule.nested is None:
            continue
        if any(map(_is_flag, rule.nested.read)):
            yield from _resources(rule, context)
        yield from _flagged(rule.nested, context)


def _is_flag(rule: Rule) -> bool:
    return rule.name in DISCOUNTABLE and asks_for_true(rule)


def _resources(rule: Rule, context: RuleContext) -> Iterator[Named]:
    if rule.name in NAMED:
        default = rule.name.partition(".")[0]
        for operator, values in rule.conditions.items():
            if operator not in NEGATIVE:
                yield from (_target(value, default) for value in values)
    elif rule.name == "product.metadata":
        for line in lines_with_metadata(rule, context):
            item = line.product or line.sku
            if item is not None:
                yield _item(item)


def _target(target: Target, default: str) -> Named:
    return target.object or default, target.id, target.source_id


def _item(item: ItemFacts) -> Named:
    return item.kind, item.id, item.source_id
