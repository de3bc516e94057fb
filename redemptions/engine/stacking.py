"""How redeemables go together: their order, and who is left out.

Source: engine specification, "Stacking".
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from redemptions.engine.facts import CategoryFacts, Redeemable, StackingRules
from redemptions.engine.refusals import Skip

_EXCLUSIVE, _COMMON, _JOINT = range(3)


def category_of(redeemable: Redeemable) -> CategoryFacts | None:
    """Return the redeemable's own category, else its campaign's."""
    if redeemable.category is not None or redeemable.campaign is None:
        return redeemable.category
    return redeemable.campaign.category


def group_of(category_id: str, rules: StackingRules) -> str | None:
    """Return EXCLUSIVE or JOINT for a category that the rules list, else None."""
    if category_id in rules.exclusive_categories:
        return "EXCLUSIVE"
    return "JOINT" if category_id in rules.joint_categories else None


def is_exclusive(redeemable: Redeemable, rules: StackingRules) -> bool:
    """Say whether the redeemable bars common ones once it applies."""
    return _category_id(redeemable) in rules.exclusive_categories


def is_joint(redeemable: Redeemable, rules: StackingRules) -> bool:
    """Say whether the redeemable may always be combined."""
    return _category_id(redeemable) in rules.joint_categories


def in_application_order(
    redeemables: Sequence[Redeemable], rules: StackingRules
) -> list[Redeemable]:
    """Sort and group the redeemables; a stack's tiers keep the stack's order.

    With exclusive and joint ones in one request, joint ones go last unless both
    groups are sorted together. Exclusive ones go before common ones, whom only an
    applied one bars.

    Source: engine specification, "Grouping and order".
    """
    ordered = list(redeemables)
    if any(each.stack_id for each in ordered):
        return ordered
    if rules.redeemables_sorting_rule == "CATEGORY_HIERARCHY":
        ordered.sort(key=_hierarchy)
    exclusive = [at for at, each in enumerate(ordered) if is_exclusive(each, rules)]
    if not exclusive:
        return ordered
    if rules.grouped_redeemables_sorting_rule == "JOINT_ALWAYS_LAST":
        return sorted(ordered, key=lambda each: _group(each, rules))
    return _with_common_behind(exclusive[-1], ordered, rules)


def _group(redeemable: Redeemable, rules: StackingRules) -> int:
    if is_exclusive(redeemable, rules):
        return _EXCLUSIVE
    return _JOINT if is_joint(redeemable, rules) else _COMMON


def _with_common_behind(
    last: int, ordered: Sequence[Redeemable], rules: StackingRules
) -> list[Redeemable]:
    """Move the common ones before position ``last`` right behind it."""
    ahead = ordered[: last + 1]
    common = [each for each in ahead if _group(each, rules) == _COMMON]
    others = [each for each in ahead if _group(each, rules) != _COMMON]
    return [*others, *common, *ordered[last + 1 :]]


def takes_initial_amount(redeemable: Redeemable, rules: StackingRules) -> bool:
    """Say whether percentages are reckoned before earlier discounts."""
    category = _category_id(redeemable)
    if category in rules.initial_amount_mode_categories:
        return True
    if category in rules.discounted_amount_mode_categories:
        return False
    return rules.discount_calculation_mode == "INITIAL_AMOUNT"


def skips_without_effect(redeemable: Redeemable, rules: StackingRules) -> bool:
    """Say whether the redeemable is left out when it changes nothing."""
    category = _category_id(redeemable)
    if category in rules.no_effect_skip_categories:
        return True
    if category in rules.no_effect_redeem_anyway_categories:
        return False
    return rules.redeemables_no_effect_rule == "SKIP"


@dataclass(slots=True)
class Tally:
    """What has applied so far in one request, against the stacking limits."""

    rules: StackingRules
    applied: int = 0
    exclusive: int = 0
    by_category: dict[str, int] = field(default_factory=dict)
    has_failed: bool = False

    def reason_to_skip(self, redeemable: Redeemable) -> Skip | None:
        """Return why the redeemable is not even looked at, None if it is.

        Source: engine specification, "Evaluation loop", tests 1 to 6.
        """
        rules = self.rules
        if self.has_failed and rules.redeemables_application_mode == "ALL":
            return Skip.PRECEDING_VALIDATION_FAILED
        if is_exclusive(redeemable, rules):
            full = self._exclusive_limit_reached(redeemable)
            if full is not None:
                return full
        elif self.exclusive and not is_joint(redeemable, rules):
            return Skip.EXCLUSION_RULES_NOT_MET
        if self._category_is_full(redeemable):
            return Skip.CATEGORY_LIMIT
        if self.applied >= rules.applicable_redeemables_limit:
            return Skip.LIMIT
        return None

    def count(self, redeemable: Redeemable) -> None:
        """Note that the redeemable applies."""
        self.applied += 1
        if is_exclusive(redeemable, self.rules):
            self.exclusive += 1
        category = _category_id(redeemable)
        if category is not None:
            self.by_category[category] = self.by_category.get(category, 0) + 1

    def _exclusive_limit_reached(self, redeemable: Redeemable) -> Skip | None:
        rules = self.rules
        if self.exclusive >= rules.applicable_exclusive_redeemables_limit:
            return Skip.EXCLUSIVE_LIMIT
        limit = rules.applicable_exclusive_redeemables_per_category_limit
        if limit is not None and self._of_category(redeemable) >= limit:
            return Skip.EXCLUSIVE_CATEGORY_LIMIT
        return None

    def _category_is_full(self, redeemable: Redeemable) -> bool:
        limit = _category_limit(redeemable, self.rules)
        return limit is not None and self._of_category(redeemable) >= limit

    def _of_category(self, redeemable: Redeemable) -> int:
        return self.by_category.get(_category_id(redeemable) or "", 0)


def limit_behind(
    reason: Skip, redeemable: Redeemable, rules: StackingRules
) -> int | None:
    """Return the setting that a redeemable was left out for, None without a number."""
    return {
        Skip.EXCLUSIVE_LIMIT: rules.applicable_exclusive_redeemables_limit,
        Skip.EXCLUSIVE_CATEGORY_LIMIT: (
            rules.applicable_exclusive_redeemables_per_category_limit
        ),
        Skip.CATEGORY_LIMIT: _category_limit(redeemable, rules),
        Skip.LIMIT: rules.applicable_redeemables_limit,
    }.get(reason)


def _category_limit(redeemable: Redeemable, rules: StackingRules) -> int | None:
    category = _category_id(redeemable)
    if category is None:
        return None
    return rules.applicable_redeemables_category_limits.get(
        category, rules.applicable_redeemables_per_category_limit
    )


def _category_id(redeemable: Redeemable) -> str | None:
    category = category_of(redeemable)
    return None if category is None else category.id


def _hierarchy(redeemable: Redeemable) -> tuple[bool, int, datetime | None]:
    """Rank by category, the older one first where two rank alike; none goes last."""
    category = category_of(redeemable)
    if category is None:
        return (True, 0, None)
    return (False, category.hierarchy, category.created_at)
