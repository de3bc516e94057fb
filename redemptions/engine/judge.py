"""The rule sets of one redeemable, judged at one moment of a decision."""

from collections.abc import Sequence
from dataclasses import dataclass

from redemptions.engine.counters import Usage
from redemptions.engine.decision import Spent
from redemptions.engine.facts import AssignedRules, Facts, Redeemable
from redemptions.engine.judging import Verdict
from redemptions.engine.order import OrderState
from redemptions.engine.rule_context import RuleContext
from redemptions.engine.rules import evaluate


@dataclass(frozen=True, slots=True)
class Moment:
    """What rules are judged on.

    ``before`` is the order as the redeemable's predecessors left it, ``after`` the
    order its discount leaves and ``spent`` what it takes of a card, None while that
    is not known.
    """

    facts: Facts
    redeemable: Redeemable
    usage: Usage
    before: OrderState
    after: OrderState | None
    spent: Spent | None = None


def context_of(moment: Moment) -> RuleContext:
    """Return what a rule is evaluated on at ``moment``."""
    return RuleContext(
        facts=moment.facts,
        redeemable=moment.redeemable,
        usage=moment.usage,
        before=moment.before,
        after=moment.after,
        spent=moment.spent,
    )


def judge(sets: Sequence[AssignedRules], moment: Moment) -> Verdict:
    """Return what ``sets`` come to at ``moment``."""
    outcome = evaluate(sets, context_of(moment))
    if outcome.passed:
        return Verdict(passed=True, tell=outcome.told)
    return Verdict(
        passed=False,
        key=outcome.key,
        message=outcome.message,
        details=outcome.details,
        error_message=outcome.error_message,
        failed_rule_ids=outcome.failed_rule_ids,
        tell=outcome.told,
    )
