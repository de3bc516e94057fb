"""What the rules say about one redeemable, and which of them are left out.

Source: rules specification, "Failure reporting".
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from campaigns.engine.rules import And, Key, Logic, Or, RuleSet
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
    is reported, ``failed_rule_ids`` all sets that failed. ``leaves`` says for each
    set which of its rules hold. ``trace`` and ``sentences`` explain every rule.
    """

    passed: bool
    key: str = ""
    message: str = ""
    details: str | None = None
    error_message: str | None = None
    failed_rule_ids: tuple[str, ...] = ()
    leaves: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    trace: tuple[Mapping[str, Any], ...] = ()
    sentences: tuple[str, ...] = ()


def is_named(name: str, names: Collection[str]) -> bool:
    """Say whether ``name`` is among ``names``; one ending in ``.*`` names a family."""
    return name in names or any(
        family.endswith(".*") and name.startswith(family[:-1]) for family in names
    )


def without_rules(
    assigned: AssignedRules, names: Collection[str]
) -> tuple[AssignedRules, tuple[str, ...]]:
    """Return the set with the rules called ``names`` taken for granted.

    Also returns the keys of the rules of its logic that were left out, in order.
    """
    rules = assigned.rules
    omitted = tuple(
        key
        for key in keys_of(rules.logic)
        if key in rules.rules and is_named(rules.rules[key].name, names)
    )
    if not omitted:
        return assigned, ()
    logic = None if rules.logic is None else _granted(rules.logic, frozenset(omitted))
    return replace(assigned, rules=RuleSet(rules.rules, logic)), omitted


def keys_of(logic: Logic | None) -> list[str]:
    """Return the rule keys the expression reads, each once, from the left."""
    if logic is None:
        return []
    if isinstance(logic, Key):
        return [logic.key]
    return list(dict.fromkeys(key for part in logic.operands for key in keys_of(part)))


def reads_result(assigned: AssignedRules) -> bool:
    """Say whether the set can only be judged after the discount is known."""
    rules = assigned.rules
    return any(
        key in rules.rules and rules.rules[key].name in RESULT_RULES
        for key in keys_of(rules.logic)
    )


def _granted(logic: Logic, omitted: frozenset[str]) -> Logic | None:
    """Simplify the expression, the omitted rules being true; None is always true."""
    if isinstance(logic, Key):
        return None if logic.key in omitted else logic
    parts = [_granted(part, omitted) for part in logic.operands]
    kept = tuple(part for part in parts if part is not None)
    if isinstance(logic, Or):
        return Or(kept) if len(kept) == len(parts) else None
    return And(kept) if kept else None
