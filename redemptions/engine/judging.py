"""What the rules say about one redeemable, and which of them are left out.

Source: rules specification, "Failure reporting".
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from campaigns.engine.rules import Rule
from redemptions.engine.facts import AssignedRules

# Known only once the discount has been calculated, so tested after it.
RESULT_RULES = frozenset(
    {
        "order.total_amount",
        "campaign.orders.amount_discounted",
        "redemption.gift.amount",
        "redemption.reward.pay_with_points.points_used",
    }
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a redeemable's rule sets came to.

    On failure ``key``, ``message`` and ``error_message`` are those of the rule that
    is reported, ``failed_rule_ids`` all sets that failed. ``tell`` explains every
    rule: the ``rules`` as a tree and the ``sentences`` about those that failed.
    """

    passed: bool
    key: str = ""
    message: str = ""
    details: str | None = None
    error_message: str | None = None
    failed_rule_ids: tuple[str, ...] = ()
    tell: Callable[[], Mapping[str, Any]] = dict


def is_named(name: str, names: Collection[str]) -> bool:
    """Say whether ``name`` is among ``names``; one ending in ``.*`` names a family."""
    return name in names or any(
        family.endswith(".*") and name.startswith(family[:-1]) for family in names
    )


def without_rules(
    assigned: AssignedRules, names: Collection[str]
) -> tuple[AssignedRules, tuple[str, ...]]:
    """Return the set with the rules called ``names`` taken for granted.

    Also returns the keys of the rules of its logic that were left out, in key order.
    """
    if not names:
        return assigned, ()
    omitted = tuple(
        rule.key for rule in assigned.rules.read if is_named(rule.name, names)
    )
    return _granting(assigned, omitted), omitted


def without_results(assigned: AssignedRules) -> AssignedRules:
    """Return the set with the rules that need the discount taken for granted.

    A rule needs it when one nested in it does.
    """
    late = [rule.key for rule in assigned.rules.read if _is_late(rule)]
    return _granting(assigned, late)


def reads_result(assigned: AssignedRules) -> bool:
    """Say whether the set can only be judged after the discount is known."""
    return not RESULT_RULES.isdisjoint(assigned.rules.names)


def _is_late(rule: Rule) -> bool:
    nested = frozenset[str]() if rule.nested is None else rule.nested.names
    return not RESULT_RULES.isdisjoint(nested | {rule.name})


def _granting(assigned: AssignedRules, keys: Collection[str]) -> AssignedRules:
    rules = assigned.rules.granting(frozenset(keys))
    return assigned if rules is assigned.rules else replace(assigned, rules=rules)
