"""The decision: every redeemable in order, each on what the others left.

Source: engine specification, "Stacking", "Qualification".
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from redemptions.engine.assessment import assess
from redemptions.engine.claims import merged
from redemptions.engine.decision import (
    Decision,
    Entry,
    Qualification,
    Status,
    Step,
)
from redemptions.engine.facts import Facts, OrderFacts, Redeemable, Usage
from redemptions.engine.order import (
    OrderState,
    opening_state,
    take_off,
    taken_together,
)
from redemptions.engine.refusals import Skip
from redemptions.engine.stacking import Tally, in_application_order, limit_behind

_NO_ORDER = OrderFacts(lines=(), amount=None)


def decide(facts: Facts) -> Decision:
    """Decide what the redeemables of one request do together.

    Nothing is raised for what cannot apply: it is an entry of the decision.
    """
    return _decided(facts, ())


def qualify(facts: Facts, omitted_rules: Collection[str]) -> Qualification:
    """Decide about each candidate alone, as if it were the only one.

    Rules called one of ``omitted_rules`` are taken for granted; a name ending in
    ``.*`` stands for a family. Entries name the keys left out.
    """
    return Qualification(
        facts,
        tuple(
            _decided(replace(facts, redeemables=(each,)), omitted_rules).entries[0]
            for each in facts.redeemables
        ),
    )


def _decided(facts: Facts, omitted_rules: Collection[str]) -> Decision:
    opening = opening_state(facts.order or _NO_ORDER)
    run = _Run(facts, opening, Tally(facts.stacking), omitted_rules)
    ordered = in_application_order(facts.redeemables, facts.stacking)
    entries = tuple(run.next_entry(redeemable) for redeemable in ordered)
    order = None
    if facts.order is not None:
        order = take_off(opening, taken_together(entry.taken for entry in entries))
    decision = Decision(facts, entries, order)
    if not decision.valid:
        return decision
    claims = merged(claim for entry in decision.applicable for claim in entry.claims)
    return replace(decision, claims=claims)


@dataclass(slots=True)
class _Run:
    """One request while it is being decided."""

    facts: Facts
    state: OrderState
    tally: Tally
    omitted_rules: Collection[str]
    by_campaign: dict[str, int] = field(default_factory=dict)

    def next_entry(self, redeemable: Redeemable) -> Entry:
        """Decide about one redeemable and move the order on when it applies."""
        reason = self.tally.reason_to_skip(redeemable)
        if reason is not None:
            limit = limit_behind(reason, redeemable, self.tally.rules)
            return _skipped(redeemable, reason, limit)
        usage = self._usage_of(redeemable)
        entry = assess(redeemable, self.state, self.facts, usage, self.omitted_rules)
        if entry.status is Status.INAPPLICABLE:
            self.tally.has_failed = True
        if entry.order is None:
            return entry
        self._advance(redeemable, entry.order)
        return entry if self.facts.order is not None else replace(entry, order=None)

    def _advance(self, redeemable: Redeemable, order: OrderState) -> None:
        self.state = order
        self.tally.count(redeemable)
        if redeemable.campaign is not None:
            campaign = redeemable.campaign.id
            self.by_campaign[campaign] = self.by_campaign.get(campaign, 0) + 1

    def _usage_of(self, redeemable: Redeemable) -> Usage:
        """Count earlier redeemables of the same campaign as redeemed.

        A standalone voucher's campaign count is its own.
        """
        usage = redeemable.usage
        if redeemable.campaign is None:
            return replace(usage, by_customer_in_campaign=usage.by_customer)
        earlier = self.by_campaign.get(redeemable.campaign.id, 0)
        return replace(
            usage, by_customer_in_campaign=usage.by_customer_in_campaign + earlier
        )


def _skipped(redeemable: Redeemable, reason: Skip, limit: int | None) -> Entry:
    facts = {"key": reason.value, **({} if limit is None else {"limit": limit})}
    step = Step("stacking", passed=False, facts=facts)
    return Entry(redeemable, Status.SKIPPED, skip=reason, steps=(step,))
