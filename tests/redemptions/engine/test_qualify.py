from dataclasses import replace

from campaigns.engine.discounts import Effect
from redemptions.engine.decide import qualify
from redemptions.engine.decision import Status
from redemptions.engine.facts import Redeemable, StackingRules
from tests.redemptions.engine.carts import (
    amount_off,
    facts,
    order,
    percent_off,
    tier,
    voucher,
)

TEN = percent_off(10, Effect.APPLY_TO_ORDER)


def stack(*tiers):
    return Redeemable(
        object="promotion_stack",
        ref="stack_1",
        found=True,
        id="stack_1",
        tiers=tuple(replace(each, stack_id="stack_1") for each in tiers),
    )


def test_each_candidate_is_calculated_alone():
    candidates = [
        voucher("A", amount_off(1000)),
        voucher("X", active=False),
        voucher("B", amount_off(2000)),
    ]

    a, x, b = qualify(facts(*candidates), frozenset())

    assert [each.redeemable.code for each in (a, x, b)] == ["A", "X", "B"]
    assert x.status is Status.INAPPLICABLE
    assert (a.order.total_amount, b.order.total_amount) == (10346, 9346)


def test_candidates_are_decided_only_as_they_are_asked_for():
    broken = replace(voucher("B"), discount="not a discount")

    first = next(iter(qualify(facts(voucher("A"), broken), frozenset())))

    assert first.redeemable.code == "A"


def test_a_stack_is_its_tiers_in_sequence():
    given = facts(stack(tier("a", TEN), tier("b", TEN)), order=order(amount=10000))

    (found,) = qualify(given, frozenset())

    assert found.status is Status.APPLICABLE
    assert found.taken.amount == 1900
    assert found.order.total_amount == 8100
    assert found.order.applied_discount_amount == 1900
    assert [each.taken.amount for each in found.members] == [1000, 900]


def test_a_stack_with_a_tier_that_does_not_apply_does_not_apply():
    given = facts(stack(tier("a", TEN), tier("b", TEN, active=False)))

    (found,) = qualify(given, frozenset())

    assert found.status is Status.INAPPLICABLE
    assert found.order is None


def test_without_an_order_nothing_is_left_out_for_having_no_effect():
    rules = StackingRules(redeemables_no_effect_rule="SKIP")

    alone, both = qualify(
        facts(voucher("A"), stack(tier("a", TEN)), order=None, stacking=rules),
        frozenset(),
    )

    assert (alone.status, both.status) == (Status.APPLICABLE, Status.APPLICABLE)
    assert (alone.order, both.order) == (None, None)
