"""What can be asked of each fact, and what is typed for it."""

import pytest

from campaigns.engine.rule_catalogue import CATALOGUE
from promo.comparison import Kind
from redemptions.engine.rule_inputs import (
    ORDER,
    Input,
    declared_kind,
    first_operator,
    input_for,
    operators_for,
    takes_many,
    text_of,
    value_from,
)

METADATA = CATALOGUE["customer.metadata"]


def test_every_operator_of_every_rule_is_offered():
    for kind in CATALOGUE.values():
        assert set(operators_for(kind)) == kind.operators
        assert first_operator(kind) in kind.operators


def test_operators_come_in_one_order():
    assert operators_for(CATALOGUE["order.items.any"]) == [
        *("$is", "$is_not", "$in", "$not_in", "$from")
    ]
    assert len(ORDER) == len(set(ORDER))


@pytest.mark.parametrize(
    ("kind", "offered", "hidden"),
    [
        (Kind.NUMBER, "$more_than", "$starts_with"),
        (Kind.TEXT, "$starts_with", "$before"),
        (Kind.BOOLEAN, "$is", "$more_than"),
        (Kind.DATE, "$is_days_ago", "$contains"),
        (Kind.DATETIME, "$timeframe", "$ends_with"),
    ],
)
def test_declared_types_leave_out_what_makes_no_sense(kind, offered, hidden):
    operators = operators_for(METADATA, kind)

    assert offered in operators
    assert hidden not in operators
    assert "$starts_with" in operators_for(METADATA, Kind.GEOPOINT)


@pytest.mark.parametrize(
    ("name", "operator", "declared", "wanted"),
    [
        ("order.items.any", "$is", None, Input.ITEMS),
        ("publication.redeemable_by_linked_customer", "$is", None, Input.YES_NO),
        ("order.amount", "$is", None, Input.MONEY),
        ("order.items.count", "$is", None, Input.WHOLE),
        ("customer.segment", "$in", None, Input.SEGMENTS),
        ("customer.loyalty.tier", "$in", None, Input.TEXT),
        ("redemption.user.login", "$starts_with", None, Input.TEXT),
        ("customer.metadata", "$is", None, Input.TEXT),
        ("customer.metadata", "$dow", None, Input.WEEKDAYS),
        ("customer.metadata", "$is", Kind.NUMBER, Input.NUMBER),
        ("customer.metadata", "$is", Kind.TEXT, Input.TEXT),
        ("customer.metadata", "$is", Kind.DATE, Input.DAY),
        ("customer.metadata", "$after", Kind.DATETIME, Input.MOMENT),
        ("customer.metadata", "$count", Kind.TEXT, Input.WHOLE),
    ],
)
def test_each_condition_is_typed_or_chosen_in_its_way(name, operator, declared, wanted):
    assert input_for(name, operator, declared) is wanted


def test_declared_types_are_found_by_what_a_rule_reads():
    kinds = {"order_item": {"size": Kind.NUMBER}}

    assert declared_kind("order.items.metadata_any", "size", kinds) is Kind.NUMBER
    assert declared_kind("order.items.metadata_any", None, kinds) is None
    assert declared_kind("order.amount", None, kinds) is None


def test_several_values_where_the_operator_takes_them():
    assert takes_many("order.amount", "$in")
    assert not takes_many("order.amount", "$is")
    assert takes_many("order.items.any", "$is")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Input.MONEY, "50", 5000),
        (Input.MONEY, "0.5", 50),
        (Input.MONEY, "1,50", "1,50"),
        (Input.MONEY, "0.001", "0.001"),
        (Input.WHOLE, "-3", -3),
        (Input.WHOLE, "3.5", "3.5"),
        (Input.WHOLE, "9" * 5000, "9" * 5000),
        (Input.MONEY, "9" * 5000, "9" * 5000),
        (Input.WEEKDAYS, "6", 6),
        (Input.NUMBER, "3", 3),
        (Input.NUMBER, "3.5", 3.5),
        (Input.NUMBER, "x", "x"),
        (Input.YES_NO, "true", True),
        (Input.YES_NO, "", ""),
        (Input.TEXT, "5", "5"),
    ],
)
def test_texts_become_values(kind, text, value):
    found = value_from(kind, text)

    assert (found, type(found)) == (value, type(value))


def test_values_become_texts():
    assert text_of(Input.MONEY, 5005) == "50.05"
    assert text_of(Input.MONEY, "x") == "x"
    assert text_of(Input.YES_NO, False) == "false"
    assert text_of(Input.YES_NO, True) == "true"
    assert text_of(Input.TEXT, 5) == "5"
