"""Referral codes in the engine."""

from campaigns.engine.rule_parsing import parse_rules
from redemptions.engine.decide import decide
from tests.redemptions.engine.carts import ADA, assigned, facts, voucher


def test_a_violated_rule_names_the_kind_of_code():
    definition = {"name": "order.amount", "conditions": {"$more_than": [10**9]}}
    limited = assigned(rules=parse_rules({"1": definition, "logic": "1"}))
    code = voucher(holder_id="cust_eve", is_referral_code=True, rules=(limited,))

    refusal = decide(facts(code, customer=ADA)).entries[0].refusal

    assert refusal.key == "order_rules_violated"
    assert refusal.details.startswith("Referral Code cannot be redeemed because of")
