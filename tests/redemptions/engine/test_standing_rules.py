"""Rules asked of a customer, an order or an event, with nothing to redeem."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns.engine.rule_parsing import parse_rules
from redemptions.engine.facts import CustomerFacts, Facts, OrderFacts, StackingRules
from redemptions.engine.standing_rules import rules_hold
from tests.factories.tenancy import NOW

ADA = CustomerFacts(
    "cust_ada", "ada", metadata={"plan": "gold"}, segments=frozenset({"seg_1"})
)


def holds(*rules: dict[str, Any], logic: str = "", **facts: Any) -> bool:
    numbered = {str(place): rule for place, rule in enumerate(rules, 1)}
    whole = {**numbered, "logic": logic or " and ".join(numbered)}
    facts = {"order": None, "customer": ADA, **facts}
    return rules_hold(
        parse_rules(whole),
        Facts(
            now=NOW,
            time_zone=ZoneInfo("UTC"),
            redeemables=(),
            stacking=StackingRules(),
            **facts,
        ),
    )


def rule(name: str, operator: str, *values: Any, path: str = "") -> dict[str, Any]:
    asked: dict[str, Any] = {"name": name, "conditions": {operator: list(values)}}
    return asked | ({"property": path} if path else {})


AMOUNT = rule("order.amount", "$more_than", 1000)
TOTAL = rule("order.total_amount", "$more_than", 1000)
GOLD = rule("customer.metadata", "$is", "gold", path="plan")
PLAN = rule("custom_event.metadata", "$is", "gold", path="plan")
NO_CODE = rule("redemption.metadata", "$is_not", "x", path="code")


def test_the_customer_and_the_order_are_asked_as_they_are() -> None:
    order = OrderFacts(lines=(), amount=1500, discount_amount=400)

    assert holds(GOLD, AMOUNT, order=order)
    assert holds(TOTAL, order=order)
    assert not holds(
        TOTAL, order=OrderFacts(lines=(), amount=1500, discount_amount=600)
    )


def test_without_an_order_a_rule_about_one_does_not_hold() -> None:
    assert not holds(AMOUNT)
    assert holds(AMOUNT, GOLD, logic="1 or 2")


@pytest.mark.parametrize(
    ("metadata", "expected"), [({"plan": "gold"}, True), ({}, False), (None, False)]
)
def test_the_metadata_of_a_custom_event_are_asked_where_there_is_one(
    metadata: dict[str, Any] | None, *, expected: bool
) -> None:
    assert holds(PLAN, event_metadata=metadata) is expected


def test_what_is_about_a_redemption_never_holds() -> None:
    assert not holds(NO_CODE)
    assert not holds(rule("campaign.redemptions.count", "$less_than", 5))
    assert holds(NO_CODE, GOLD, logic="1 or 2")
