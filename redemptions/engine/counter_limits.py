"""How far counters may grow before the rules would fail.

A rule "at most twice per customer" is tested when the decision is made and claimed
again, atomically, when it is redeemed; this finds the number to claim against. It asks
the rules themselves what they would say of larger numbers, so it knows no operator, no
logic and no nesting of its own.

Source: rules specification, "Counters and budgets".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
    counters = _counters_in(sets, context)
    adds = context.usage.counted(context.redeemable) if counters else {}
    for key, turning_points in counters.items():
        growing = _Growing(context, key, adds.get(key, 0))
        limit = _limit(sets, growing, turning_points)
        if limit is not None:
            limits[key] = limit
        context = growing.at(_WITHOUT_END if limit is None else limit)
    return limits


@dataclass(frozen=True, slots=True)
class _Growing:
    """A counter of a context to which the redemption adds ``added``."""

    context: RuleContext
    key: CounterKey
    added: int

    @property
    def now(self) -> int:
        """What the redemption brings it to."""
        return self.context.usage.used.get(self.key, 0) + self.added

    def at(self, value: int) -> RuleContext:
        """Return the context in which the counter would come to ``value``."""
        usage = self.context.usage
        used = {**usage.used, self.key: value - self.added}
        return replace(self.context, usage=replace(usage, used=used))


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
    sets: Sequence[AssignedRules], growing: _Growing, turning_points: Iterable[int]
) -> int | None:
    """Return the last number at which the sets hold without a gap, None if no end."""
    later = sorted(point for point in turning_points if point > growing.now)
    for point in [*later, _WITHOUT_END]:
        if not evaluate(sets, growing.at(point)).passed:
            return point - 1
    return None
