"""Rules asked of a customer, an order or an event, with nothing to redeem.

What is about a redemption or a campaign's uses is unknown here and never holds.

Source: rules specification, "Contexts".
"""

from collections.abc import Mapping

from campaigns.engine.rules import RuleSet
from redemptions.engine.counters import Usage
from redemptions.engine.facts import Facts, OrderFacts, Redeemable
from redemptions.engine.order import opening_state
from redemptions.engine.rule_context import RuleContext, RuleTrace
from redemptions.engine.rule_evaluation import is_true, traces_of

_ABOUT_USES = ("redemption.", "campaign.")
_NOTHING = Redeemable(object="promotion_tier", ref="", found=True)


def rules_hold(rules: RuleSet, facts: Facts) -> bool:
    """Say whether ``rules`` hold of what ``facts`` say, the order being as it is."""
    order = opening_state(facts.order or OrderFacts(lines=(), amount=None))
    context = RuleContext(
        facts=facts, redeemable=_NOTHING, usage=Usage(), before=order, after=order
    )
    return is_true(rules.logic, _leaves(traces_of(rules, context)))


def _leaves(traces: tuple[RuleTrace, ...]) -> Mapping[str, bool]:
    return {
        trace.key: trace.passed and not trace.name.startswith(_ABOUT_USES)
        for trace in traces
    }
