"""Referral codes in the engine."""

from dataclasses import replace

import pytest

from campaigns.engine.rule_parsing import parse_rules
from redemptions.engine.decide import decide
from redemptions.engine.decision import Status
from tests.redemptions.engine.carts import (
    ADA,
    amount_off,
    assigned,
    facts,
    gift_card,
    loyalty_card,
    order,
    voucher,
)


def test_a_violated_rule_names_the_kind_of_code():
    definition = {"name": "order.amount", "conditions": {"$more_than": [10**9]}}
    limited = assigned(rules=parse_rules({"1": definition, "logic": "1"}))
    code = voucher(holder_id="cust_eve", is_referral_code=True, rules=(limited,))

    refusal = decide(facts(code, customer=ADA)).entries[0].refusal

    assert refusal.key == "order_rules_violated"
    assert refusal.details.startswith("Referral Code cannot be redeemed because of")


def test_an_order_keeps_the_first_referrer_of_its_codes():
    ten = amount_off(10)
    codes = [
        voucher(ref, holder_id=holder, is_referral_code=True, discount=ten)
        for ref, holder in (("EVE", "cust_eve"), ("MAX", "cust_max"))
    ]

    decision = decide(facts(*codes, order=order(amount=100), customer=ADA))

    assert [each.status for each in decision.entries] == [Status.APPLICABLE] * 2
    assert decision.order.facts.referrer_id == "cust_eve"


@pytest.mark.parametrize(
    ("card", "key"),
    [
        (gift_card(balance=0), "gift_amount_exceeded"),
        (loyalty_card(holder_id="cust_eve"), "invalid_customer"),
    ],
)
def test_a_card_that_refers_is_checked_as_a_card_too(card, key):
    code = replace(card, holder_id=card.holder_id or "cust_eve", is_referral_code=True)
    own = replace(code, holder_id=None)

    refusals = [
        decide(facts(each, order=order(amount=100), customer=ADA)).entries[0].refusal
        for each in (code, own)
    ]

    assert [each.key for each in refusals] == [key, "invalid_voucher"]
