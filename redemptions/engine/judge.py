"""The rule sets of one redeemable, judged at one moment of a decision."""

from collections.abc import Sequence
from dataclasses import dataclass

from redemptions.engine.facts import AssignedRules, Facts, Redeemable, Usage
from redemptions.engine.judging import Verdict
from redemptions.engine.order import OrderState


@dataclass(frozen=True, slots=True)
class Moment:
    """What rules are judged on.

    ``before`` is the order as the redeemable's predecessors left it, ``after`` the
    order its discount leaves, None while that is not known.
    """

    facts: Facts
    redeemable: Redeemable
    usage: Usage
    before: OrderState
    after: OrderState | None


def judge(sets: Sequence[AssignedRules], _: Moment) -> Verdict:
    """Return what ``sets`` come to: a set without logic holds, others are refused."""
    failed = tuple(each.rule_id for each in sets if each.rules.logic is not None)
    if not failed:
        return Verdict(passed=True)
    return Verdict(
        passed=False,
        key="unsupported_redeemable",
        message="Redeemable is not supported",
        failed_rule_ids=failed,
    )
