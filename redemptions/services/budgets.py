"""How far a campaign has come with the limits that its rules set.

Source: campaigns specification, "Budgets, limits, calendar".
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from campaigns.engine.rules import Rule
from campaigns.models import Campaign
from campaigns.services.compiled_rules import CompiledRule, assigned_rules
from promo.tenancy.models import Project
from redemptions.engine.counters import COUNTERS, shared_buckets
from redemptions.services.counters import read_counters


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit of a campaign: the rule that sets it, and how much of it is used.

    Money is minor units. ``used`` is None for a limit that every customer, code or
    caller has for itself. ``bucket`` is the counter's, which names the period.
    """

    rule: str
    limit: int
    used: int | None
    bucket: str = field(default="", compare=False)

    @property
    def left(self) -> int | None:
        """What may still be used, None where each has its own."""
        return None if self.used is None else max(0, self.limit - self.used)

    @property
    def percent(self) -> int:
        """How much is used, in whole percents, at most 100."""
        return (
            min(100, self.used * 100 // self.limit) if self.used and self.limit else 0
        )

    @property
    def window(self) -> str | None:
        """Whether a day, week or month renews it: ``d``, ``w``, ``m``, else None."""
        return COUNTERS[self.rule].window


def budgets_of(campaign: Campaign, now: datetime) -> list[Budget]:
    """Return the limits of a campaign's own rules, in the order of the rules.

    Two statements: the rules, and what their counters stand at.
    """
    return budgets_by_campaign(campaign.project, [campaign.pk], now)[campaign.pk]


def budgets_by_campaign(
    project: Project, campaign_ids: Sequence[str], now: datetime
) -> dict[str, list[Budget]]:
    """Return the limits of several campaigns as ``budgets_of`` does, by their ids.

    Two statements, whatever the number of campaigns.
    """
    assigned = assigned_rules(project, campaign_ids)
    bounds = {pk: list(_bounds(assigned.get(pk, ()))) for pk in campaign_ids}
    buckets = shared_buckets(project.calendar(now))
    keys = {
        (pk, rule.name): (pk, buckets[rule.name])
        for pk, rules in bounds.items()
        for rule, _ in rules
        if rule.name in buckets and COUNTERS[rule.name].scope == "campaign"
    }
    used = read_counters(project, set(keys.values())).used
    return {
        pk: [
            Budget(rule.name, limit, used[keys[pk, rule.name]], buckets[rule.name])
            if (pk, rule.name) in keys
            else Budget(rule.name, limit, None)
            for rule, limit in rules
        ]
        for pk, rules in bounds.items()
    }


def _bounds(assigned: Iterable[CompiledRule]) -> Iterator[tuple[Rule, int]]:
    for compiled in assigned:
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
