"""Rules in plain English, as a marketer reads them."""

from datetime import date
from decimal import Decimal

import pytest

from campaigns.engine.rule_catalogue import CATALOGUE, ITEM_RULES, METADATA, Operand
from redemptions.engine.rule_reasons import reasons_of_set
from redemptions.engine.rule_sentences import (
    Voice,
    condition_in_words,
    demand,
    in_words,
)
from redemptions.engine.rule_subjects import subject_of
from redemptions.engine.rule_values import as_json


def sentence(name, actual, operator, *values, path=None, voice=None, passed=False):
    rule = {"name": name, "property": path}
    condition = {
        "operator": operator,
        "expected": list(values),
        "actual": actual,
        "passed": passed,
    }
    return condition_in_words(rule, condition, voice or Voice())


AT_LEAST, AT_MOST = "$more_than_or_equal", "$less_than_or_equal"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            ("order.amount", 4999, AT_LEAST, 5000),
            "order amount was 49.99, needs at least 50.00",
        ),
        (
            ("order.total_amount", 7300, AT_LEAST, 7500),
            "order amount after this discount would be 73.00, needs at least 75.00",
        ),
        (
            ("order.items.count", 3, "$more_than", 8),
            "number of items was 3, needs more than 8",
        ),
        (
            ("redemption.count.per_customer", 2, AT_MOST, 1),
            (
                "this customer's uses of this offer would be 2 with this one, "
                "may be at most 1"
            ),
        ),
        (
            ("campaign.redemptions.count.daily", 101, AT_MOST, 100),
            (
                "uses of the whole campaign today would be 101 with this one, "
                "may be at most 100"
            ),
        ),
        (
            ("campaign.orders.amount_discounted", 50300, AT_MOST, 50000),
            (
                "discounts of the whole campaign would be 503.00 with this one, "
                "may be at most 500.00"
            ),
        ),
        (
            ("customer.segment", ["seg_1", "seg_2"], "$in", "seg_3", "seg_4"),
            "customer's segments were seg_1 and seg_2, needs seg_3 or seg_4",
        ),
        (
            ("customer.segment", [], "$is", "seg_3"),
            "the customer is in no such segment, needs seg_3",
        ),
        (
            ("redemption.user.login", None, "$is", "till@shop"),
            "nobody was signed in, needs till@shop",
        ),
        (
            ("order.items.price_each", [1950, 240], AT_LEAST, 300),
            "prices of items were 19.50 and 2.40, each needs at least 3.00",
        ),
        (
            ("order.items.price_any", [1950, 240], "$more_than", 8000),
            "prices of items were 19.50 and 2.40, one needs more than 80.00",
        ),
        (
            ("order.items.price_any", [1950], "$more_than", 8000),
            "prices of items were 19.50, needs more than 80.00",
        ),
    ],
)
def test_a_rule_says_what_was_found_and_what_it_asks_for(said, words):
    assert sentence(*said) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("customer.metadata", "customer's level was silver, needs gold"),
        ("order.metadata", "order's level was silver, needs gold"),
        ("product.metadata", "products' level was silver, needs gold"),
    ],
)
def test_metadata_goes_by_its_key(name, words):
    assert sentence(name, "silver", "$is", "gold", path="level") == words


def test_metadata_that_nobody_set_says_so():
    assert sentence("customer.metadata", None, "$is", "gold", path="level") == (
        "customer's level is not set, needs gold"
    )


@pytest.mark.parametrize(
    ("name", "passed", "words"),
    [
        (
            "publication.redeemable_by_linked_customer",
            False,
            "the code was not given to this customer, only its holder may use it",
        ),
        (
            "publication.redeemable_by_linked_customer",
            True,
            "the code is this customer's own",
        ),
        ("product.metadata.match_all", True, "all items match"),
    ],
)
def test_a_flag_is_a_sentence_of_its_own(name, passed, words):
    assert sentence(name, passed, "$is", True, passed=passed) == words


def test_a_voice_brings_its_currency_and_its_names():
    voice = Voice(
        money=lambda amount: f"{amount / 100:.2f} EUR", names={"seg_1": "Trade"}
    )

    assert sentence("order.amount", 4999, AT_LEAST, 5000, voice=voice) == (
        "order amount was 49.99 EUR, needs at least 50.00 EUR"
    )
    assert sentence("customer.segment", [], "$is", "seg_1", voice=voice) == (
        "the customer is in no such segment, needs Trade"
    )


@pytest.mark.parametrize(
    ("operator", "values", "words"),
    [
        ("$in", ["a", "b", "c"], "needs a, b or c"),
        ("$not_differ", ["a", "b"], "needs exactly a and b"),
        ("$dow", [0, "5"], "needs to fall on Sunday or Friday"),
        ("$is", [True], "needs true"),
        ("$is_days_ago", [3], "needs to be 3 days ago"),
        ("$is", [], "needs "),
    ],
)
def test_a_demand_names_its_values(operator, values, words):
    assert demand(operator, values) == words


@pytest.mark.parametrize("operator", sorted(METADATA))
def test_every_operator_has_words(operator):
    assert demand(operator, [1]).startswith(("needs ", "must ", "may "))


@pytest.mark.parametrize(
    "name",
    [
        kind.name
        for kind in CATALOGUE.values()
        if kind.name not in ITEM_RULES and kind.operand is not Operand.BOOLEAN
    ],
)
def test_every_rule_has_a_subject_in_words(name):
    assert "." not in subject_of(name, "level").text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "missing"),
        ([], "missing"),
        (False, "false"),
        (["a", "b"], "a and b"),
        ([None, 5], "missing and 5"),
        ("2.5", "2.5"),
    ],
)
def test_a_value_reads_plainly(value, words):
    assert in_words(value) == words


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (date(2027, 3, 1), "2027-03-01"),
        (Decimal(5), 5),
        (Decimal("2.5"), "2.5"),
        (frozenset({"b", "a"}), ["a", "b"]),
    ],
)
def test_facts_are_traced_as_json(value, written):
    assert as_json(value) == written


def held(*rules, decisive=("1",)):
    return {"decisive": list(decisive), "rules": list(rules)}


def rule(name="order.amount", *, passed=False, conditions=(), **rest):
    return {
        "key": "1",
        "name": name,
        "property": None,
        "passed": passed,
        "conditions": list(conditions),
        **rest,
    }


def condition(passed, actual=1, expected=2):
    return {
        "operator": "$is",
        "expected": [expected],
        "actual": actual,
        "passed": passed,
    }


BIG = "order amount was 0.01, needs 0.02"
MANY = "number of items was 1, needs 2"


@pytest.mark.parametrize(
    ("failed", "reasons"),
    [
        (rule(reason="There is no order", conditions=[condition(False)]), None),
        (rule(conditions=[condition(True, 5, 5), condition(False)]), [BIG]),
        (
            rule(
                conditions=[condition(True, 5, 5)],
                rules=[
                    rule("order.items.count", conditions=[condition(False)]),
                    rule(passed=True, conditions=[condition(True)]),
                ],
            ),
            [MANY],
        ),
        (rule(conditions=[condition(True)]), [BIG]),
    ],
)
def test_a_reason_names_what_fails_and_nothing_else(failed, reasons):
    assert list(reasons_of_set(held(failed))) == (reasons or ["There is no order"])


def test_what_is_forbidden_is_told_with_what_narrows_it():
    inner = rule("order.items.price", passed=True, conditions=[condition(True, [1])])
    banned = {
        **condition(False, [2]),
        "targets": {"$is": [as_target("desk")]},
        "lines": 3,
    }

    found = rule("order.items.none", conditions=[banned], rules=[inner])

    assert list(reasons_of_set(held(found))) == [
        "item 3 of 3 is desk, none may be",
        "price of the items found was 0.01, needs 0.02",
    ]


def as_target(name, kind="product"):
    return {"object": kind, "id": name, "source_id": None}


def test_lines_go_by_their_names_where_the_voice_knows_them():
    found = {
        **condition(False, [0, 1]),
        "targets": {"$is": [as_target("pc_1", "products_collection")]},
        "lines": 3,
    }
    voice = Voice(names={"pc_1": "Lighting"}, lines={0: "Lamp", 1: "Bulb"})

    assert condition_in_words({"name": "order.items.every"}, found, voice) == (
        "Lamp and Bulb are in the collection Lighting, all must be"
    )
