"""How far a campaign has come with the limits that its rules set.

Source: campaigns specification, "Budgets, limits, calendar".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from campaigns.engine.rules import Rule
from campaigns.models import Campaign
from campaigns.services.compiled_rules import assigned_rules
from redemptions.engine.counters import COUNTERS, shared_buckets
from redemptions.services.counters import read_counters


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit of a campaign: the rule that sets it, and how much of it is used.

    Money is minor units. ``used`` is None for a limit that every customer, code or
    caller has for itself.
    """

    rule: str
    limit: int
    used: int | None

    @property
    def left(self) -> int | None:
        """What may still be used, None where each has its own."""
        return None if self.used is None else max(0, self.limit - self.used)


def budgets_of(campaign: Campaign, now: datetime) -> list[Budget]:
    """Return the limits of a campaign's own rules, in the order of the rules.

    Two statements: the rules, and what their counters stand at.
    """
    bounds = list(_bounds(campaign))
    project = campaign.project
    calendar = project.calendar(now)
    buckets = shared_buckets(calendar)
    keys = {
        rule.name: (campaign.pk, buckets[rule.name])
        for rule, _ in bounds
        if rule.name in buckets and COUNTERS[rule.name].scope == "campaign"
    }
    used = read_counters(project, set(keys.values())).used
    return [
        Budget(rule.name, limit, used[keys[rule.name]] if rule.name in keys else None)
        for rule, limit in bounds
    ]


def _bounds(campaign: Campaign) -> Iterator[tuple[Rule, int]]:
    assigned = assigned_rules(campaign.project, [campaign.pk])
    for compiled in assigned.get(campaign.pk, ()):
        for rule in compiled.rules.read_deeply:
            limit = _bound(rule) if rule.name in COUNTERS else None
            if limit is not None:
                yield rule, limit


def _bound(rule: Rule) -> int | None:
    """Return the largest whole number that the rule lets pass, None without one."""
    bounds = []
    for operator, values in rule.conditions.items():
        most = max((Decimal(str(value)) for value in values), default=None)
        if most is None:
            continue
        if operator in {"$less_than_or_equal", "$is", "$in"}:
            bounds.append(int(most.to_integral_value(ROUND_FLOOR)))
        elif operator == "$less_than":
            bounds.append(int(most.to_integral_value(ROUND_CEILING)) - 1)
    return min(bounds, default=None)
