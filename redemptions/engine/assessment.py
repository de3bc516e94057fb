"""One redeemable on one order: checks, rules, effect, rules on the result.

Source: engine specification, "Check order".
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.engine.discounts import Discount, Effect
from redemptions.engine.applicability import Lists, joined_lists
from redemptions.engine.cards import as_discount, lines_refusal, spent_on
from redemptions.engine.checks import first_refusal
from redemptions.engine.claims import Claim, claims_of
from redemptions.engine.counter_limits import customer_limits
from redemptions.engine.decision import AppliedDiscount, Entry, Spent, Status, Step
from redemptions.engine.effects import off_items, off_order
from redemptions.engine.facts import AssignedRules, Facts, Redeemable, Usage
from redemptions.engine.judge import Moment, judge
from redemptions.engine.judging import (
    Verdict,
    reads_result,
    without_results,
    without_rules,
)
from redemptions.engine.listing import applicable_entries, inapplicable_entries
from redemptions.engine.order import (
    NOTHING,
    OrderState,
    Taken,
    is_too_large,
    take_off,
)
from redemptions.engine.refusals import Refusal, Skip, too_large, unsupported
from redemptions.engine.replacing import replaced_units
from redemptions.engine.resolution import resolve
from redemptions.engine.selection import Covered, covered_units
from redemptions.engine.stacking import skips_without_effect, takes_initial_amount
from redemptions.engine.telling import Told
from redemptions.engine.units import free_units

Leaves = Mapping[str, Mapping[str, bool]]
_KINDS = {
    "DISCOUNT_VOUCHER": "Discount Coupon",
    "GIFT_VOUCHER": "Gift Card",
    "LOYALTY_CARD": "Loyalty Card",
}
_ITEM_LEVEL = frozenset(
    {
        Effect.APPLY_TO_ITEMS,
        Effect.APPLY_TO_ITEMS_BY_QUANTITY,
        Effect.APPLY_TO_ITEMS_PROPORTIONALLY,
        Effect.APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY,
    }
)


@dataclass(frozen=True, slots=True)
class Calculated:
    """A discount worked out on an order, before anything was decided about it.

    Credits are worked out as the discount they come to; ``spent`` says how many.
    """

    discount: AppliedDiscount
    covered: tuple[Covered, ...]
    taken: Taken
    order: OrderState
    spent: Spent | None = None

    @property
    def has_effect(self) -> bool:
        """Whether money or units move, or a card is drawn on."""
        return self.taken.has_effect or bool(self.spent and self.spent.amount)


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
    discount = redeemable.discount
    if redeemable.gift is not None and refusal is None:
        discount = as_discount(redeemable.gift)
    if refusal is not None or discount is None:
        return _inapplicable(redeemable, refusal, steps)
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
        self.usage = usage
        self.steps = list(steps)
        self.omitted: dict[str, tuple[str, ...]] = {}

    def run(self, discount: Discount, omitted_rules: Collection[str]) -> Entry:
        sets = self._without(omitted_rules)
        early = self._verdict("rules", [without_results(each) for each in sets], None)
        refusal = self._violation(early) or self._bundle_refusal()
        if refusal is not None:
            return self._refused(refusal)
        lists = joined_lists(self.redeemable.rules, self.facts.all_products_id)
        calculated = self._calculate(discount, lists)
        if isinstance(calculated, Refusal):
            return self._refused(calculated)
        leaves = dict(early.leaves)
        late = [each for each in sets if reads_result(each)]
        if late:
            final = self._verdict("rules_on_result", late, calculated)
            refusal = self._violation(final)
            if refusal is not None:
                return self._refused(refusal)
            leaves |= final.leaves
        claims = self._claims(sets, leaves, calculated.spent)
        return self._concluded(calculated, lists, claims)

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
        moment = Moment(
            self.facts,
            self.redeemable,
            self.usage,
            self.state,
            None if result is None else result.order,
            None if result is None else result.spent,
        )
        verdict = judge(sets, moment)
        self.steps.append(Step(check, verdict.passed, Told(verdict.tell)))
        return verdict

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
        ids = ", ".join(rule_ids)
        return f"{kind} cannot be redeemed because of violated validation rules: {ids}"

    def _bundle_refusal(self) -> Refusal | None:
        if not any(each.has_bundle for each in self.redeemable.rules):
            return None
        self._note("bundle", passed=False)
        return unsupported("A product bundle")

    def _calculate(self, discount: Discount, lists: Lists) -> Calculated | Refusal:
        resolved = lines_refusal(self.redeemable, self.state, lists) or resolve(
            discount, lists, self.facts.units
        )
        if isinstance(resolved, Refusal):
            self._note("discount", passed=False, key=resolved.key)
            return resolved
        covered, taken = self._taken(resolved, lists)
        after = take_off(self.state, taken)
        if is_too_large(after):
            self._note("discount", passed=False, key="invalid_order")
            return too_large()
        gift = self.redeemable.gift
        spent = None if gift is None else spent_on(gift, taken, self.state)
        return Calculated(resolved, covered, taken, after, spent)

    def _taken(
        self, discount: AppliedDiscount, lists: Lists
    ) -> tuple[tuple[Covered, ...], Taken]:
        """Return the units that the lists reach, and what the discount takes off."""
        from_initial = takes_initial_amount(self.redeemable, self.facts.stacking)
        if discount.effect in _ITEM_LEVEL:
            covered = covered_units(lists, self.state, self._closed_lines())
            taken = off_items(discount, self.state, covered, from_initial=from_initial)
            return covered, taken
        covered = covered_units(lists, self.state) if lists.listed else ()
        if discount.effect is Effect.APPLY_TO_ORDER:
            return covered, off_order(discount, self.state, from_initial=from_initial)
        if self.facts.order is None:
            return covered, NOTHING
        closed = self._closed_lines()
        if discount.effect is Effect.REPLACE_ITEMS:
            covered, unit = covered_units(lists, self.state, closed), discount.units[0]
            return covered, replaced_units(unit, self.state, lists, covered, closed)
        return covered, free_units(discount.units, self.state, lists, closed)

    def _closed_lines(self) -> frozenset[int]:
        if self.facts.stacking.redeemables_products_application_mode != "ONCE":
            return frozenset()
        return frozenset(
            position
            for position, line in enumerate(self.state.lines)
            if line.discount_amount or line.discount_quantity
        )

    def _claims(
        self, sets: Sequence[AssignedRules], leaves: Leaves, spent: Spent | None
    ) -> tuple[Claim, ...]:
        return claims_of(
            self.redeemable,
            by_customer=self.facts.customer is not None,
            spent=spent.amount if spent else 0,
            limits=customer_limits(sets, leaves) if sets else None,
        )

    def _concluded(
        self, calculated: Calculated, lists: Lists, claims: tuple[Claim, ...]
    ) -> Entry:
        taken, spent = calculated.taken, calculated.spent
        if spent is not None:
            self._note(
                "credits", passed=True, spent=spent.amount, available=spent.available
            )
        self._note(
            "discount",
            passed=True,
            type=calculated.discount.definition.type.value,
            effect=calculated.discount.effect.value,
            order_amount=taken.order_amount,
            items={str(position): part for position, part in taken.by_line.items()},
            **_units_moved(taken),
        )
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
            applicable_to=applicable_entries(
                lists, self.state, calculated.covered, calculated.discount
            ),
            inapplicable_to=inapplicable_entries(lists, self.state),
            steps=tuple(self.steps),
            omitted=self.omitted,
            claims=claims,
        )

    def _refused(self, refusal: Refusal) -> Entry:
        return _inapplicable(self.redeemable, refusal, tuple(self.steps), self.omitted)

    def _note(self, check: str, *, passed: bool, **facts: Any) -> None:
        self.steps.append(Step(check, passed, facts))


def _units_moved(taken: Taken) -> dict[str, Any]:
    moved = {str(at): change.quantity for at, change in taken.units.items()}
    return {"units": moved} if moved else {}


def _inapplicable(
    redeemable: Redeemable,
    refusal: Refusal | None,
    steps: tuple[Step, ...],
    omitted: Mapping[str, tuple[str, ...]] | None = None,
) -> Entry:
    return Entry(
        redeemable,
        Status.INAPPLICABLE,
        refusal=refusal,
        steps=steps,
        omitted=omitted or {},
    )
