"""The decision: every redeemable in order, each on what the others left.

Source: engine specification, "Stacking", "Qualification".
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from redemptions.engine.assessment import assess
from redemptions.engine.counters import ORDERS, Usage, usage_of
from redemptions.engine.decision import (
    Decision,
    Entry,
    Status,
    Step,
)
from redemptions.engine.facts import Facts, OrderFacts, Redeemable, StackingRules
from redemptions.engine.order import (
    OrderState,
    opening_state,
    take_off,
    taken_together,
)
from redemptions.engine.referrals import referred
from redemptions.engine.refusals import Skip
from redemptions.engine.stacking import Tally, in_application_order, limit_behind

#: What stands in where a request has no order.
NO_ORDER = OrderFacts(lines=(), amount=None)


def decide(facts: Facts) -> Decision:
    """Decide what the redeemables of one request do together.

    Nothing is raised for what cannot apply: it is an entry of the decision.
    """
    return _decided(facts, ())


def qualify(facts: Facts, omitted_rules: Collection[str]) -> Iterator[Entry]:
    """Yield what becomes of each candidate alone, as if it were the only one.

    A stack is one candidate: it applies when all its tiers do, one after the other.
    Rules called one of ``omitted_rules`` are taken for granted; a name ending in
    ``.*`` stands for a family. Entries name the keys left out.

    Source: engine specification, "Qualification".
    """
    opening = opening_state(facts.order or NO_ORDER)
    if facts.order is None:
        facts = replace(facts, stacking=_whatever_the_effect(facts.stacking))
    usage = usage_of(facts)
    for candidate in facts.redeemables:
        run = _Run(facts, opening, Tally(facts.stacking), usage, omitted_rules)
        if candidate.tiers:
            yield _as_one(candidate, run, opening)
        else:
            # Referrers see the codes that they may pass on.
            yield run.next_entry(replace(candidate, is_referral_code=False))


def _whatever_the_effect(rules: StackingRules) -> StackingRules:
    """Without an order nothing has an effect, which is no reason to leave it out."""
    return replace(
        rules, redeemables_no_effect_rule="REDEEM_ANYWAY", no_effect_skip_categories=()
    )


def _as_one(stack: Redeemable, run: "_Run", opening: OrderState) -> Entry:
    members = tuple(run.next_entry(tier) for tier in stack.tiers)
    if any(member.status is not Status.APPLICABLE for member in members):
        return Entry(stack, Status.INAPPLICABLE, members=members)
    taken = taken_together(member.taken for member in members)
    return Entry(
        stack,
        Status.APPLICABLE,
        order=None if run.facts.order is None else take_off(opening, taken),
        taken=taken,
        omitted={rule: keys for one in members for rule, keys in one.omitted.items()},
        members=members,
    )


def _decided(facts: Facts, omitted_rules: Collection[str]) -> Decision:
    opening = opening_state(facts.order or NO_ORDER)
    run = _Run(facts, opening, Tally(facts.stacking), usage_of(facts), omitted_rules)
    ordered = in_application_order(facts.redeemables, facts.stacking)
    entries = tuple(run.next_entry(redeemable) for redeemable in ordered)
    order = None
    if facts.order is not None and len(entries) == 1:
        order = entries[0].order or opening
    elif facts.order is not None:
        taken = taken_together(entry.taken for entry in entries)
        order = replace(take_off(opening, taken), facts=run.state.facts)
    return Decision(facts, entries, order)


@dataclass(slots=True)
class _Run:
    """One request while it is being decided."""

    facts: Facts
    state: OrderState
    tally: Tally
    usage: Usage
    omitted_rules: Collection[str]
    uncounted: list[Entry] = field(default_factory=list)

    def next_entry(self, redeemable: Redeemable) -> Entry:
        """Decide about one redeemable and move the order on when it applies."""
        reason = self.tally.reason_to_skip(redeemable)
        if reason is not None:
            limit = limit_behind(reason, redeemable, self.tally.rules)
            return _skipped(redeemable, reason, limit)
        self._count()
        entry = assess(
            redeemable, self.state, self.facts, self.usage, self.omitted_rules
        )
        if entry.status is Status.INAPPLICABLE:
            self.tally.has_failed = True
        if entry.order is None:
            return entry
        if redeemable.is_referral_code:
            entry = replace(entry, order=referred(entry.order, redeemable))
        self._advance(entry)
        return entry if self.facts.order is not None else replace(entry, order=None)

    def _advance(self, entry: Entry) -> None:
        self.state = entry.order or self.state
        self.tally.count(entry.redeemable)
        self.uncounted.append(entry)

    def _count(self) -> None:
        """Let what applies count as redeemed for the one behind it."""
        if not self.uncounted:
            return
        used, ordered = dict(self.usage.used), set(self.usage.ordered)
        for entry in self.uncounted:
            for key, amount in entry.counted().items():
                used[key] = used.get(key, 0) + amount
                subject, bucket = key
                if bucket == ORDERS:
                    ordered.add(subject)
        self.uncounted.clear()
        self.usage = replace(self.usage, used=used, ordered=ordered)


def _skipped(redeemable: Redeemable, reason: Skip, limit: int | None) -> Entry:
    facts = {"key": reason.value, **({} if limit is None else {"limit": limit})}
    step = Step("stacking", passed=False, facts=facts)
    return Entry(redeemable, Status.SKIPPED, skip=reason, steps=(step,))
