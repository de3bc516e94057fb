"""How far a customer's counters may grow before the rules would fail.

A rule "at most twice per customer" is tested when the decision is made and claimed
again, atomically, when it is redeemed; this finds the number to claim against.

Source: rules specification, "Counters and budgets".
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal

from campaigns.engine.rules import And, Key, Logic, Rule, RuleSet
from redemptions.engine.claims import CounterScope
from redemptions.engine.facts import AssignedRules

CUSTOMER_COUNTERS: Mapping[str, CounterScope] = {
    "redemption.count.per_customer": "incentive",
    "campaign.redemptions.customers_count": "campaign",
}
_SCOPES: tuple[CounterScope, ...] = ("incentive", "campaign")


def customer_limits(
    assigned: Sequence[AssignedRules], leaves: Mapping[str, Mapping[str, bool]]
) -> dict[CounterScope, int | None]:
    """Return how far each of the customer's counters may grow under the rules.

    The limit is the largest count at which every set still holds, the other rules
    being as judged; None when no count matters. Two counters of which one suffices
    bind through the second, the first being granted.
    """
    limits: dict[CounterScope, int | None] = {}
    for scope in _SCOPES:
        free = frozenset(each for each, limit in limits.items() if limit is None)
        bounds = [
            limit
            for each in assigned
            if (
                limit := _limit_in(
                    each.rules, scope, leaves.get(each.rule_id, {}), free
                )
            )
            is not None
        ]
        limits[scope] = min(bounds, default=None)
    return limits


def _limit_in(
    rules: RuleSet,
    scope: CounterScope,
    leaves: Mapping[str, bool],
    free: frozenset[CounterScope],
) -> int | None:
    bounds = {
        key: (CUSTOMER_COUNTERS[rule.name], bound)
        for key, rule in rules.rules.items()
        if rule.name in CUSTOMER_COUNTERS and (bound := _upper_bound(rule)) is not None
    }

    def holds(count: int | None) -> bool:
        def leaf(key: str) -> bool:
            counter, bound = bounds.get(key, (None, 0))
            if counter == scope:
                return count is not None and count <= bound
            return counter not in free and leaves.get(key, False)

        return rules.logic is None or _is_true(rules.logic, leaf)

    if holds(None):
        return None
    candidates = {bound for counter, bound in bounds.values() if counter == scope}
    return max((count for count in candidates if holds(count)), default=None)


def _is_true(logic: Logic, leaf: Callable[[str], bool]) -> bool:
    if isinstance(logic, Key):
        return leaf(logic.key)
    outcomes = (_is_true(part, leaf) for part in logic.operands)
    return all(outcomes) if isinstance(logic, And) else any(outcomes)


def _upper_bound(rule: Rule) -> int | None:
    """Return the largest count the rule's conditions let pass, None without one."""
    bounds = []
    for operator, values in rule.conditions.items():
        numbers = [Decimal(str(value)) for value in values]
        if operator in {"$is", "$in", "$less_than_or_equal"} and numbers:
            bounds.append(_floor(max(numbers)))
        elif operator == "$less_than" and numbers:
            bounds.append(-_floor(-max(numbers)) - 1)
    return min(bounds, default=None)


def _floor(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_FLOOR))
