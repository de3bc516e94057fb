"""Rule sets as a whole: logic, failures, traces, what must be loaded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.engine.rules import Key, RuleSet
from redemptions.engine.facts import OrderFacts
from redemptions.engine.judge import Moment, judge
from redemptions.engine.rules import evaluate
from tests.redemptions.engine.rule_cases import (
    CART_R,
    CUSTOMER,
    context,
    outcome,
    passes,
    rule,
    rule_set,
)

TRUE = rule("order.amount", "$more_than", 0)
FALSE = rule("order.amount", "$more_than", 99_999)


@pytest.mark.parametrize(
    ("logic", "truths", "expected"),
    [
        ("1 OR 2 AND 3", (True, False, False), True),
        ("( 1 or 2 ) and 3", (True, False, False), False),
        ("1 or 2", (False, True, False), True),
        ("1 and 2", (True, True, False), True),
        ("", (True, True, False), False),
    ],
)
def test_the_logic_decides(logic, truths, expected):
    definition = {
        str(position): TRUE if truth else FALSE
        for position, truth in enumerate(truths, 1)
    }

    assert outcome({**definition, "logic": logic}).passed is expected


def test_only_the_contributing_leaf_is_reported():
    found = outcome({"1": TRUE, "2": FALSE, "3": FALSE, "logic": "( 1 or 2 ) and 3"})

    assert [trace.key for trace in found.failed[0].contributing] == ["3"]


def test_a_rule_outside_the_logic_is_ignored():
    found = outcome({"1": TRUE, "2": TRUE, "3": FALSE, "logic": "1 and 2"})

    assert found.passed
    assert found.sets[0].leaves == {"1": True, "2": True}


@pytest.mark.parametrize("definition", [{}, {"logic": ""}])
def test_an_empty_set_holds(definition):
    found = outcome(definition)

    assert found.passed
    assert found.key == found.message == ""
    assert found.details is None
    assert found.error_message is None
    assert found.sentences() == ()


def test_a_rule_without_conditions_holds():
    assert passes(rule("campaign.orders.amount"))


@pytest.mark.spec("engine 12.2 missing_order")
@pytest.mark.spec("engine 12.2 missing_customer")
@pytest.mark.parametrize(
    ("order", "customer", "name", "operator", "key"),
    [
        (CART_R, None, "customer.metadata", "$is_not", "missing_customer"),
        (CART_R, None, "customer.segment", "$is_not", "missing_customer"),
        (CART_R, None, "redemption.count.per_customer", "$is_not", "missing_customer"),
        (
            CART_R,
            None,
            "campaign.redemptions.customers_count.daily",
            "$is_not",
            "missing_customer",
        ),
        (None, CUSTOMER, "campaign.orders.amount", "$is_not", "missing_order"),
        (
            OrderFacts((), None),
            CUSTOMER,
            "campaign.orders.amount",
            "$is_not",
            "missing_amount",
        ),
        (None, CUSTOMER, "order.metadata", "$is_not", "missing_order"),
        (None, CUSTOMER, "order.amount", "$is_not", "missing_order"),
        (None, CUSTOMER, "order.total_amount", "$is_not", "missing_order"),
        (None, CUSTOMER, "order.items.count", "$is_not", "missing_order"),
        (None, CUSTOMER, "order.items.price_any", "$is_not", "missing_order"),
        (OrderFacts((), None), CUSTOMER, "order.amount", "$is_not", "missing_amount"),
        (
            OrderFacts((), None),
            CUSTOMER,
            "order.initial_amount",
            "$is_not",
            "missing_amount",
        ),
        (
            OrderFacts((), 5),
            CUSTOMER,
            "order.items.count",
            "$is",
            "missing_order_items",
        ),
        (
            OrderFacts((), 5),
            CUSTOMER,
            "order.items.price",
            "$is",
            "missing_order_items",
        ),
    ],
)
def test_missing_facts_make_even_negative_rules_false(
    order, customer, name, operator, key
):
    value = "seg_2" if name == "customer.segment" else 7
    single = rule(name, operator, value, property="x")

    found = outcome({"1": single}, context(order, customer))

    assert not found.passed
    assert found.key == key


@pytest.mark.spec("engine 12.2 missing_order_items")
@pytest.mark.parametrize("name", ["order.items.every", "product.metadata", "sku.id"])
def test_an_item_rule_on_an_empty_basket_misses_items(name):
    found = outcome({"1": rule(name, property="x")}, context(OrderFacts((), 5)))

    assert found.key == "missing_order_items"
    assert found.message == "Missing order items"


def test_a_missing_customer_says_why_it_is_needed():
    found = outcome(
        {"1": rule("customer.segment", "$is", "seg_1")}, context(customer=None)
    )

    assert found.message == "Missing customer"
    assert found.details == "Customer is required to validate rules"


def test_an_undecidable_rule_does_not_matter_when_another_suffices():
    definition = {
        "1": rule("customer.segment", "$is", "seg_1"),
        "2": TRUE,
        "logic": "1 or 2",
    }

    assert outcome(definition, context(customer=None)).passed


TRADE = {
    "1": rule(
        "customer.segment",
        "$is",
        "seg_wholesale",
        error={"message": "Trade members only"},
    ),
    "2": rule("order.initial_amount", "$more_than", 25_000),
    "3": rule(
        "order.items.any",
        "$is",
        {"id": "pc_tools", "object": "products_collection"},
        rules={
            "1": rule("order.items.aggregated_quantity", "$more_than_or_equal", 3),
            "2": rule("order.items.price", "$more_than_or_equal", 1200),
        },
    ),
    "logic": "1 or (2 and 3)",
}


def test_the_example_reports_the_customer_rule_with_its_own_text():
    (found,) = [
        evaluate([rule_set(TRADE, error_message="Not eligible yet")], context())
    ]

    assert found.key == "customer_rules_violated"
    assert found.message == "customer does not match validation rules"
    assert found.error_message == "Trade members only"
    assert found.failed_rule_ids == ("val_1",)


def test_without_a_text_of_its_own_the_set_speaks():
    definition = {**TRADE, "1": rule("customer.segment", "$is", "seg_wholesale")}

    found = evaluate(
        [rule_set(definition, error_message="Not eligible yet")], context()
    )

    assert found.error_message == "Not eligible yet"


@pytest.mark.spec("engine 13 9 rule sets")
def test_families_are_reported_before_keys():
    definition = {
        "1": rule("redemption.api_key", "$is", "key_1"),
        "2": rule("order.amount", "$is", 1),
        "10": rule("customer.metadata", "$is", "x", property="tier"),
        "9": rule("customer.metadata", "$is", "y", property="tier"),
    }

    found = outcome(definition)

    assert [trace.key for trace in found.failed[0].contributing] == [
        "9",
        "10",
        "2",
        "1",
    ]
    assert found.reported is not None
    assert found.reported.key == "9"


def test_a_custom_event_rule_fails_as_a_rule_of_the_redemption():
    found = outcome({"1": rule("custom_event.metadata", "$is", "x", property="y")})

    assert found.key == "redemption_rules_violated"
    assert found.sentences() == ("No custom event is being handled",)


def test_the_text_of_a_failing_nested_rule_goes_first():
    definition = {
        "1": rule(
            "order.items.any",
            error={"message": "Outer"},
            rules={
                "1": rule(
                    "order.items.price", "$is", 1, error={"message": "Too expensive"}
                )
            },
        )
    }

    assert outcome(definition).error_message == "Too expensive"


@pytest.mark.spec("engine 13 9 rule sets")
def test_the_campaigns_sets_go_first_and_all_failed_ones_are_named():
    own = rule_set({"1": FALSE}, rule_id="val_own")
    campaign = rule_set(
        {"1": rule("customer.segment", "$is", "seg_9")},
        rule_id="val_campaign",
        level="campaign",
    )

    found = evaluate([own, campaign], context())

    assert found.failed_rule_ids == ("val_campaign", "val_own")
    assert found.key == "customer_rules_violated"


def test_the_trace_is_a_tree_of_json():
    definition = {
        "1": rule("order.amount", "$more_than_or_equal", 20_000),
        "2": rule(
            "customer.metadata",
            "$is",
            "gold",
            property="tier",
            rules={"1": rule("redemption.count.per_user", "$less_than", 5)},
        ),
        "logic": "1 or 2",
    }

    assert outcome(definition).trace() == (
        {
            "rule_id": "val_1",
            "name": "Rules",
            "level": "own",
            "passed": False,
            "logic": "1 or 2",
            "decisive": ["2", "1"],
            "rules": [
                {
                    "key": "1",
                    "name": "order.amount",
                    "property": None,
                    "passed": False,
                    "conditions": [
                        {
                            "operator": "$more_than_or_equal",
                            "expected": [20_000],
                            "actual": 14_040,
                            "passed": False,
                            "sentence": (
                                "order amount was 140.40, needs at least 200.00"
                            ),
                        }
                    ],
                },
                {
                    "key": "2",
                    "name": "customer.metadata",
                    "property": "tier",
                    "passed": False,
                    "conditions": [
                        {
                            "operator": "$is",
                            "expected": ["gold"],
                            "actual": "gold",
                            "passed": True,
                            "sentence": "customer's tier was gold, needs gold",
                        }
                    ],
                    "rules": [
                        {
                            "key": "1",
                            "name": "redemption.count.per_user",
                            "property": None,
                            "passed": False,
                            "conditions": [],
                            "reason": "Nobody is signed in",
                        }
                    ],
                },
            ],
        },
    )


@pytest.mark.parametrize(("limit", "expected"), [(1, True), (0, False)])
def test_a_count_inside_another_rule_is_judged_with_it(limit, expected):
    definition = {
        "1": rule(
            "customer.segment",
            "$is",
            "seg_1",
            rules={
                "1": rule("redemption.count.per_customer", "$less_than_or_equal", limit)
            },
        )
    }

    assert outcome(definition).passed is expected


def test_the_judge_answers_with_all_of_it():
    where = context()
    moment = Moment(where.facts, where.redeemable, where.usage, where.before, None)

    verdict = judge([rule_set({"1": FALSE})], moment)

    assert not verdict.passed
    assert verdict.key == "order_rules_violated"
    assert verdict.message == "order does not match validation rules"
    assert verdict.failed_rule_ids == ("val_1",)
    told = verdict.tell()
    assert told["key"] == "order_rules_violated"
    assert told["rules"][0]["decisive"] == ["1"]
    assert judge([rule_set({"1": TRUE})], moment).passed


@given(
    truths=st.lists(st.booleans(), min_size=1, max_size=6),
    joins=st.lists(st.sampled_from(["and", "or"]), min_size=5, max_size=5),
)
def test_logic_agrees_with_python(truths, joins):
    definition = {
        str(position): TRUE if truth else FALSE
        for position, truth in enumerate(truths, 1)
    }
    words: list[str] = []
    for position in range(1, len(truths) + 1):
        words += [str(position), joins[position % 5]]
    logic = " ".join(words[:-1])
    expected = any(
        all(truths[int(key) - 1] for key in part.split(" and "))
        for part in logic.split(" or ")
    )

    found = outcome({**definition, "logic": logic})

    assert found.passed is expected
    assert bool(found.failed) is not expected
    if not expected:
        assert found.failed[0].contributing


def test_a_lone_key_is_a_logic():
    rules = rule_set({"1": TRUE})

    assert rules.rules == RuleSet(rules.rules.rules, Key("1"))
