"""Rules inside the decision: when they are judged, and what the answer says."""

from dataclasses import replace

import pytest

from redemptions.engine.claims import QuantityClaim
from redemptions.engine.decide import decide, qualify
from redemptions.engine.decision import Status
from redemptions.engine.explanation import sentences_of
from redemptions.engine.facts import StackingRules
from tests.redemptions.engine.carts import (
    ADA,
    CAMPAIGN,
    amount_off,
    facts,
    limited,
    taken,
    tier,
    voucher,
)
from tests.redemptions.engine.rule_cases import rule, rule_set

PARTIAL = StackingRules(redeemables_application_mode="PARTIAL")


def ruled(code, *rules, amount=1000, logic=None, **fields):
    definition = {str(key): each for key, each in enumerate(rules, 1)}
    if logic is not None:
        definition["logic"] = logic
    return voucher(code, amount_off(amount), rules=(rule_set(definition, **fields),))


def test_a_rule_that_holds_is_traced_and_the_discount_given():
    coupon = ruled("TEN", rule("order.amount", "$more_than_or_equal", 11346))

    (found,) = decide(facts(coupon)).entries

    assert found.status is Status.APPLICABLE
    assert found.order.total_amount == 10346
    (step,) = [step for step in found.steps if step.check == "rules"]
    assert step.passed
    assert step.facts["rules"][0]["rules"][0]["conditions"] == [
        {
            "operator": "$more_than_or_equal",
            "expected": [11346],
            "actual": 11346,
            "passed": True,
            "sentence": "order amount was 113.46, needs at least 113.46",
        }
    ]


@pytest.mark.spec("engine 12.2 order_rules_violated")
def test_a_violated_rule_refuses_with_key_text_and_sentence():
    coupon = ruled(
        "TEN",
        rule("order.amount", "$more_than", 20000, error={"message": "Buy more"}),
        rule_id="val_big",
    )

    decision = decide(facts(coupon))

    (found,) = decision.entries
    assert not decision.valid
    assert decision.claims == ()
    assert found.refusal.key == "order_rules_violated"
    assert found.refusal.message == "order does not match validation rules"
    assert found.refusal.error_message == "Buy more"
    assert found.refusal.details == (
        "Discount Coupon cannot be redeemed because of violated validation rules: "
        "val_big"
    )
    assert sentences_of(decision) == (
        "TEN was refused: order amount was 113.46, needs more than 200.00.",
    )


def test_a_tiers_violation_is_told_as_a_tiers():
    rules = (rule_set({"1": rule("order.amount", "$is", 1)}),)

    (found,) = decide(facts(tier("one", rules=rules))).entries

    assert found.refusal.details == (
        "Promotion Tier cannot be redeemed because of violated validation rules: val_1"
    )


def test_a_missing_customer_is_asked_for():
    coupon = ruled("TEN", rule("customer.metadata", "$is_not", "a", property="b"))

    (found,) = decide(facts(coupon)).entries

    assert found.refusal.key == "missing_customer"
    assert found.refusal.details == "Customer is required to validate rules"


@pytest.mark.parametrize(
    ("codes", "applied"),
    [(("GIFT", "TEN"), ("GIFT",)), (("TEN", "GIFT"), ("TEN", "GIFT"))],
)
def test_a_rule_sees_the_order_that_earlier_discounts_left(codes, applied):
    coupons = {
        "GIFT": voucher("GIFT", amount_off(1500)),
        "TEN": ruled("TEN", rule("order.amount", "$more_than", 10000)),
    }

    decision = decide(facts(*(coupons[code] for code in codes), stacking=PARTIAL))

    assert tuple(each.redeemable.code for each in decision.applicable) == applied


@pytest.mark.spec("engine 13 11 effect calculation")
@pytest.mark.spec("engine 13 12 rules that need the result")
@pytest.mark.spec("rules 4.2 order.total_amount")
@pytest.mark.parametrize(("limit", "passed"), [(10346, True), (10347, False)])
def test_the_total_is_judged_after_the_discount(limit, passed):
    coupon = ruled("TEN", rule("order.total_amount", "$more_than_or_equal", limit))

    (found,) = decide(facts(coupon)).entries

    checks = {step.check: step.passed for step in found.steps}
    assert checks["rules"]
    assert checks["rules_on_result"] is passed
    assert (found.status is Status.APPLICABLE) is passed
    if not passed:
        assert found.refusal.key == "order_rules_violated"
        assert found.taken.amount == 0


@pytest.mark.spec("engine 13 13 | no-effect policy")
@pytest.mark.parametrize(
    ("limit", "status", "checks"),
    [
        (
            11346,
            Status.SKIPPED,
            {"discount": True, "rules_on_result": True, "effect": False},
        ),
        (11347, Status.INAPPLICABLE, {"rules_on_result": False}),
    ],
)
def test_whether_nothing_was_taken_off_is_asked_last(limit, status, checks):
    nothing = ruled(
        "NIL", rule("order.total_amount", "$more_than_or_equal", limit), amount=0
    )
    skipping = StackingRules(redeemables_no_effect_rule="SKIP")

    (found,) = decide(facts(nothing, stacking=skipping)).entries

    assert found.status is status
    judged = {step.check: step.passed for step in found.steps}
    late = {"discount", "rules_on_result", "effect"}
    assert {name: judged[name] for name in judged if name in late} == checks


@pytest.mark.parametrize(("limit", "passed"), [(10346, True), (10347, False)])
def test_a_total_inside_another_rule_is_judged_after_the_discount(limit, passed):
    total = rule("order.total_amount", "$more_than_or_equal", limit)
    coupon = ruled("TEN", rule("order.initial_amount", rules={"1": total}))

    (found,) = decide(facts(coupon)).entries

    assert (found.status is Status.APPLICABLE) is passed


def test_a_total_does_not_matter_when_another_rule_suffices():
    coupon = ruled(
        "TEN",
        rule("order.total_amount", "$is", 1),
        rule("order.amount", "$more_than", 1),
        logic="1 or 2",
    )

    assert decide(facts(coupon)).valid


def test_a_count_is_judged_and_claimed():
    once = rule("redemption.count.per_customer", "$less_than_or_equal", 2)
    coupon = ruled("TEN", once)
    by_ada = ("v_TEN", "count:customer:ada")

    allowed = decide(facts(coupon, customer=ADA, used={by_ada: 1}))
    used_up = decide(facts(coupon, customer=ADA, used={by_ada: 2}))

    assert taken(allowed) == (QuantityClaim("v_TEN", None),)
    assert limited(allowed) == {by_ada: (1, 2)}
    assert used_up.entries[0].refusal.key == "redemption_rules_violated"
    assert sentences_of(used_up) == (
        (
            "TEN was refused: this customer's uses of this offer would be 3 with this "
            "one, may be at most 2."
        ),
    )


def test_earlier_redeemables_of_the_campaign_count():
    once = rule("campaign.redemptions.customers_count", "$less_than_or_equal", 1)
    coupons = [replace(ruled(code, once), campaign=CAMPAIGN) for code in ("A", "B")]

    decision = decide(facts(*coupons, customer=ADA, stacking=PARTIAL))

    assert [each.status for each in decision.entries] == [
        Status.APPLICABLE,
        Status.INAPPLICABLE,
    ]


def test_a_qualification_takes_omitted_rules_for_granted_and_names_them():
    coupon = ruled(
        "TEN",
        rule("customer.segment", "$is", "seg_1"),
        rule("order.amount", "$more_than", 1),
    )

    found = list(qualify(facts(coupon), {"customer.*"}))

    assert [each.status for each in found] == [Status.APPLICABLE]
    assert found[0].omitted == {"val_1": ("1",)}
