"""One redeemable on one order: checks, rules, effect, rules on the result.

Source: engine specification, "Check order".
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from campaigns.engine.bundle_parsing import BUNDLE_RULE
from campaigns.engine.discounts import Discount
from redemptions.engine.applicability import Lists
from redemptions.engine.bundles import BundleCount, count_bundles
from redemptions.engine.calculation import Calculated, calculate
from redemptions.engine.cards import as_discount
from redemptions.engine.checks import first_refusal
from redemptions.engine.claims import Claim, claims_of
from redemptions.engine.counter_limits import counter_limits
from redemptions.engine.counters import Amounts, CounterKey, Usage, campaign_of
from redemptions.engine.decision import Entry, Status, Step, WireEntries
from redemptions.engine.discountable import lists_of
from redemptions.engine.facts import AssignedRules, Facts, Redeemable
from redemptions.engine.judge import Moment, context_of, judge
from redemptions.engine.judging import (
    Verdict,
    is_named,
    reads_result,
    without_results,
    without_rules,
)
from redemptions.engine.listing import applicable_entries, inapplicable_entries
from redemptions.engine.order import OrderState
from redemptions.engine.refusals import Refusal, Skip
from redemptions.engine.rules import MESSAGES
from redemptions.engine.stacking import skips_without_effect
from redemptions.engine.telling import Later, Told

_KINDS = {
    "DISCOUNT_VOUCHER": "Discount Coupon",
    "GIFT_VOUCHER": "Gift Card",
    "LOYALTY_CARD": "Loyalty Card",
}


def assess(
    redeemable: Redeemable,
    state: OrderState,
    facts: Facts,
    usage: Usage,
    omitted_rules: Collection[str] = (),
) -> Entry:
    """Decide about ``redeemable`` on the order as its predecessors left it.

    ``usage`` counts what stands including predecessors; rules called one of
    ``omitted_rules`` are taken for granted. Returns an APPLICABLE, INAPPLICABLE or
    (without effect) SKIPPED entry.
    """
    refusal, steps = first_refusal(redeemable, facts)
    if refusal is not None:
        return _inapplicable(redeemable, refusal, steps)
    discount = redeemable.discount or as_discount(redeemable, state)
    assessment = _Assessment(redeemable, state, facts, usage, steps)
    return assessment.run(discount, omitted_rules)


class _Assessment:
    """The steps after the plain checks; each adds to the trace."""

    def __init__(
        self,
        redeemable: Redeemable,
        state: OrderState,
        facts: Facts,
        usage: Usage,
        steps: tuple[Step, ...],
    ) -> None:
        self.redeemable = redeemable
        self.state = state
        self.facts = facts
        self.usage = usage.adding(self._added(usage))
        self.steps = list(steps)
        self.omitted: dict[str, tuple[str, ...]] = {}
        self.bundle: BundleCount | None = None

    def run(self, discount: Discount, omitted_rules: Collection[str]) -> Entry:
        sets = self._without(omitted_rules)
        early = self._verdict("rules", [without_results(each) for each in sets], None)
        refusal = self._violation(early) or self._incomplete(omitted_rules)
        if refusal is not None:
            return self._refused(refusal)
        lists = lists_of(self.redeemable, self.facts)
        calculated = calculate(
            self.redeemable,
            discount,
            lists,
            self.state,
            self.facts,
            used=self.usage.used,
            times=self.bundle.times if self.bundle else 1,
            bundles=self.bundle.quantity if self.bundle else None,
        )
        if isinstance(calculated, Refusal):
            self._note("discount", passed=False, key=calculated.key)
            return self._refused(calculated)
        self.usage = self.usage.adding(_with_result(self.usage.adds, calculated))
        late = [each for each in sets if reads_result(each)]
        if late:
            final = self._verdict("rules_on_result", late, calculated)
            refusal = self._violation(final)
            if refusal is not None:
                return self._refused(refusal)
        return self._concluded(calculated, lists, sets)

    def _added(self, usage: Usage) -> Amounts:
        """Return what is known before the discount: one redemption of this order."""
        counted = campaign_of(self.redeemable) in usage.ordered
        value = 0 if self.facts.order is None else self.state.initial_amount or 0
        return {"count": 1, "orders": 0 if counted else value}

    def _without(self, omitted_rules: Collection[str]) -> list[AssignedRules]:
        sets = []
        for each in self.redeemable.rules:
            kept, keys = without_rules(each, omitted_rules)
            sets.append(kept)
            if keys:
                self.omitted[each.rule_id] = keys
        return sets

    def _verdict(
        self, check: str, sets: Sequence[AssignedRules], result: Calculated | None
    ) -> Verdict:
        if not sets:
            return Verdict(passed=True)
        verdict = judge(sets, self._moment(result))
        self.steps.append(Step(check, verdict.passed, Told(verdict.tell)))
        return verdict

    def _moment(self, result: Calculated | None) -> Moment:
        return Moment(
            self.facts,
            self.redeemable,
            self.usage,
            self.state,
            None if result is None else result.order,
            None if result is None else result.spent,
        )

    def _violation(self, verdict: Verdict) -> Refusal | None:
        if verdict.passed:
            return None
        return Refusal(
            verdict.key,
            verdict.message,
            verdict.details or self._violated(verdict.failed_rule_ids),
            error_message=verdict.error_message,
        )

    def _violated(self, rule_ids: Sequence[str]) -> str:
        kind = _KINDS.get(self.redeemable.type or "", "Promotion Tier")
        if self.redeemable.is_referral_code:
            kind = "Referral Code"
        ids = ", ".join(rule_ids)
        return f"{kind} cannot be redeemed because of violated validation rules: {ids}"

    def _incomplete(self, omitted_rules: Collection[str]) -> Refusal | None:
        """Count the bundles; return the refusal of an order that holds none.

        The set named last, the redeemable's own, says what is multiplied.
        """
        order = self.facts.order
        lines = () if order is None else order.sent_lines
        for each in self.redeemable.rules:
            if each.bundle is None:
                continue
            found = count_bundles(each.bundle, lines, self.facts.all_products_id)
            self.bundle = found
            is_complete = found.quantity > 0 or is_named(BUNDLE_RULE, omitted_rules)
            self._note("bundle", passed=is_complete, **found.as_json())
            if not is_complete:
                return self._without_bundle(each, found)
        return None

    def _without_bundle(self, assigned: AssignedRules, found: BundleCount) -> Refusal:
        key = "missing_order"
        if self.facts.order is not None:
            has_lines = bool(self.facts.order.lines)
            key = "order_rules_violated" if has_lines else "missing_order_items"
        texts = (each.part.error_message for each in found.missing)
        return Refusal(
            key,
            MESSAGES[key],
            self._violated([assigned.rule_id]),
            error_message=next((each for each in texts if each), None)
            or assigned.error_message,
        )

    def _claims(
        self, sets: Sequence[AssignedRules], calculated: Calculated
    ) -> tuple[Claim, ...]:
        limits: dict[CounterKey, int] = {}
        if sets:
            limits.update(counter_limits(sets, context_of(self._moment(calculated))))
        limits.update(
            (key, limit)
            for key, (_, limit) in calculated.units().items()
            if limit is not None
        )
        return claims_of(
            self.redeemable,
            self._counted(calculated),
            spent=calculated.spent.amount if calculated.spent else 0,
            limits=limits,
        )

    def _counted(self, calculated: Calculated) -> dict[CounterKey, int]:
        counted = self.usage.counted(self.redeemable)
        counted.update((key, units) for key, (units, _) in calculated.units().items())
        return counted

    def _read_behind(self, calculated: Calculated) -> dict[CounterKey, int]:
        """Return what those behind it may read: of units nothing that no cap asks."""
        if self.facts.has_lasting_caps:
            return self._counted(calculated)
        return self.usage.counted(self.redeemable)

    def _concluded(
        self, calculated: Calculated, lists: Lists, sets: Sequence[AssignedRules]
    ) -> Entry:
        taken, spent = calculated.taken, calculated.spent
        if spent is not None:
            check = "points" if spent.of_points else "credits"
            self._note(
                check, passed=True, spent=spent.amount, available=spent.available
            )
        told = Told(partial(_told_discount, calculated))
        self.steps.append(Step("discount", passed=True, facts=told))
        skips = not calculated.has_effect and skips_without_effect(
            self.redeemable, self.facts.stacking
        )
        self._note("effect", passed=not skips, amount=taken.amount)
        if skips:
            return Entry(
                self.redeemable,
                Status.SKIPPED,
                skip=Skip.NO_EFFECT,
                steps=tuple(self.steps),
            )
        return Entry(
            self.redeemable,
            Status.APPLICABLE,
            order=calculated.order,
            discount=calculated.discount if spent is None else None,
            spent=spent,
            taken=taken,
            lists=Later(partial(_lists, lists, self.state, calculated)),
            steps=tuple(self.steps),
            omitted=self.omitted,
            claim=Later(partial(self._claims, sets, calculated)),
            counted=Later(partial(self._read_behind, calculated)),
            bundle=self.bundle,
        )

    def _refused(self, refusal: Refusal) -> Entry:
        entry = _inapplicable(self.redeemable, refusal, tuple(self.steps))
        return replace(entry, omitted=self.omitted, bundle=self.bundle)

    def _note(self, check: str, *, passed: bool, **facts: Any) -> None:
        self.steps.append(Step(check, passed, facts))


def _with_result(adds: Amounts, calculated: Calculated) -> Amounts:
    """Add what the discount gives; credits are no discount of the campaign."""
    if calculated.spent is None or calculated.spent.of_points:
        return {**adds, "discounted": calculated.taken.amount, "gift": 0}
    return {**adds, "discounted": 0, "gift": calculated.spent.amount}


def _lists(
    lists: Lists, state: OrderState, calculated: Calculated
) -> tuple[WireEntries, WireEntries]:
    touched = applicable_entries(lists, state, calculated.covered, calculated.discount)
    return touched, inapplicable_entries(lists, state)


def _told_discount(calculated: Calculated) -> dict[str, Any]:
    taken = calculated.taken
    told: dict[str, Any] = {
        "type": calculated.discount.definition.type.value,
        "effect": calculated.discount.effect.value,
        "order_amount": taken.order_amount,
        "items": {str(position): part for position, part in taken.by_line.items()},
    }
    if taken.units:
        moved = {str(at): change.quantity for at, change in taken.units.items()}
        told["units"] = moved
    return told


def _inapplicable(
    redeemable: Redeemable, refusal: Refusal | None, steps: tuple[Step, ...]
) -> Entry:
    return Entry(redeemable, Status.INAPPLICABLE, refusal=refusal, steps=steps)
