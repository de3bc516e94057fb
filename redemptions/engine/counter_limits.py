"""How far counters may grow before the rules would fail.

A rule "at most twice per customer" is tested when the decision is made and claimed
again, atomically, when it is redeemed; this finds the number to claim against. It asks
the rules themselves what they would say of larger numbers, so it knows no operator, no
logic and no nesting of its own.

Source: rules specification, "Counters and budgets".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal

from campaigns.engine.rules import Rule
from redemptions.engine.counters import COUNTERS, CounterKey
from redemptions.engine.facts import AssignedRules
from redemptions.engine.rule_context import RuleContext
from redemptions.engine.rules import evaluate

# Larger than any column holds, so no counter ever gets there.
_WITHOUT_END = 2**64


def counter_limits(
    sets: Sequence[AssignedRules], context: RuleContext
) -> dict[CounterKey, int]:
    """Return how far each counter that ``sets`` read may grow, its own part included.

    ``context`` is that of a decision whose sets hold, its discount calculated. The
    limit is the last number before the first at which a set fails, all else being as
    it is; a counter whose growth fails none is left out. Of two counters of which one
    suffices the second binds, the first being granted.
    """
    limits: dict[CounterKey, int] = {}
    for key, turning_points in _counters_in(sets, context).items():
        limit = _limit(sets, context, key, turning_points)
        if limit is not None:
            limits[key] = limit
        context = _with(context, key, _WITHOUT_END if limit is None else limit)
    return limits


def _counters_in(
    sets: Sequence[AssignedRules], context: RuleContext
) -> dict[CounterKey, set[int]]:
    """Return the counters read, each with the numbers where a rule changes its mind."""
    found: dict[CounterKey, set[int]] = {}
    for assigned in sets:
        for rule in assigned.rules.read_deeply:
            if rule.name not in COUNTERS:
                continue
            key = context.usage.key(rule.name, context.redeemable)
            if key is not None:
                found.setdefault(key, set()).update(_turning_points(rule))
    return found


def _turning_points(rule: Rule) -> Iterable[int]:
    """Return whole numbers around the values that a rule compares with."""
    for values in rule.conditions.values():
        for value in values:
            floor = int(Decimal(str(value)).to_integral_value(ROUND_FLOOR))
            yield from (floor, floor + 1)


def _limit(
    sets: Sequence[AssignedRules],
    context: RuleContext,
    key: CounterKey,
    turning_points: Iterable[int],
) -> int | None:
    """Return the last number at which the sets hold without a gap, None if no end."""
    now = context.usage.used.get(key, 0) + _added(key, context)
    later = sorted(point for point in turning_points if point > now)
    for point in [*later, _WITHOUT_END]:
        if not evaluate(sets, _with(context, key, point)).passed:
            return point - 1
    return None


def _with(context: RuleContext, key: CounterKey, value: int) -> RuleContext:
    """Return the context in which the counter would come to ``value``."""
    used: Mapping[CounterKey, int] = {
        **context.usage.used,
        key: value - _added(key, context),
    }
    return replace(context, usage=replace(context.usage, used=used))


def _added(key: CounterKey, context: RuleContext) -> int:
    return context.usage.counted(context.redeemable).get(key, 0)
