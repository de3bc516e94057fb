"""Conditions in plain English."""

from datetime import date
from decimal import Decimal

import pytest

from campaigns.engine.rule_catalogue import METADATA
from redemptions.engine.rule_context import as_json
from redemptions.engine.rule_sentences import condition_sentence, demand, in_words


def test_an_amount_below_its_minimum_reads_like_a_sentence():
    sentence = condition_sentence("order.amount", 4999, "$more_than_or_equal", [5000])

    assert sentence == "order.amount is 4999, must be at least 5000"


@pytest.mark.parametrize(
    ("operator", "values", "sentence"),
    [
        ("$in", ["a", "b", "c"], "must be one of a, b or c"),
        ("$not_differ", ["a", "b"], "must hold exactly a and b"),
        ("$dow", [0, "5"], "must fall on Sunday or Friday"),
        ("$is", [True], "must be true"),
        ("$is_days_ago", [3], "must be 3 days ago"),
    ],
)
def test_a_demand_names_its_values(operator, values, sentence):
    assert demand(operator, values) == sentence


@pytest.mark.parametrize("operator", sorted(METADATA))
def test_every_operator_has_words(operator):
    assert demand(operator, [1]).startswith("must ")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "missing"),
        ((), "missing"),
        (False, "false"),
        (frozenset({"b", "a"}), "a and b"),
        ([None, 5], "missing and 5"),
        (Decimal(5), "5"),
        (Decimal("2.5"), "2.5"),
    ],
)
def test_a_value_reads_plainly(value, words):
    assert in_words(value) == words


def test_dates_are_traced_as_text():
    assert as_json(date(2027, 3, 1)) == "2027-03-01"
