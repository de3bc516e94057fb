"""How a formula is read, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.engine.formulas import catalogue
from campaigns.engine.formulas.evaluation import evaluate
from campaigns.engine.formulas.parsing import (
    MAX_DEPTH,
    MAX_LENGTH,
    FormulaError,
    parse_formula,
)
from campaigns.engine.formulas.values import NoValue
from tests.campaigns.engine.formulas.cases import CALENDAR, Known

TOKENS = [
    *["(", ")", ";", "SWITCH_CASE", "IS_AFTER"],
    *catalogue.OPERANDS,
    *catalogue.KEYED_OPERANDS,
    *catalogue.FUNCTIONS,
    *[
        "+",
        "-",
        "*",
        "/",
        "%",
        ">",
        "<",
        "=",
        ">=",
        "<=",
        "!=",
        "(",
        "(",
        ")",
        ")",
        ";",
        ";",
        "0",
        "7",
        "12.5",
    ],
    *[
        "AND",
        "OR",
        "is",
        "isNot",
        "contains",
        "IN_ARRAY",
        "DATE_IS",
        "IS_AFTER",
        "SWITCH",
        "SWITCH_CASE",
    ],
    '"gold"',
    '"2027-02-01"',
]


def test_a_formula_says_which_operands_it_reads():
    formula = parse_formula('ORDER_AMOUNT + CUSTOMER_METADATA("age") * 2')

    assert formula.operands == {"ORDER_AMOUNT", "CUSTOMER_METADATA"}
    assert not formula.reads_line


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("ORDER_ITEM_PRICE * 0.85", True),
        ('ORDER_ITEM_PRODUCT_METADATA("weight")', True),
        ("CHEAPEST_ORDER_ITEM_PRICE", False),
        ("ORDER_ITEMS_QUANTITY", False),
    ],
)
def test_a_formula_of_a_line_is_told_from_one_of_the_order(text, reads):
    assert parse_formula(text).reads_line is reads


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "it ends too early"),
        ("1 +", "it ends too early"),
        ("1 ++ 2", "unexpected '+' at position 4"),
        ("1;2", "unexpected ';' at position 2"),
        ("IF(1 = 1, 2, 3)", "unexpected ',' at position 9"),
        ('"open', "unexpected '\"' at position 1"),
        ("2 x 3", "unexpected 'x' at position 3"),
        ("\u0663 + 1", "unexpected '\u0663' at position 1"),
        ("true", "true is not known"),
        ("ORDER_TOTAL", "ORDER_TOTAL is not known"),
        ("FOO(1)", "FOO is not a known function"),
        ("IF(1 = 1;2)", "IF takes 3 arguments"),
        ("ROUND(1;2;3)", "ROUND takes 1 to 2 arguments"),
        ("MIN(1)", "MIN takes 2 to 50 arguments"),
        ("ORDER_METADATA", "ORDER_METADATA needs what is between parentheses"),
        ("ROUND", "ROUND needs what is between parentheses"),
        ("ORDER_METADATA(1)", "ORDER_METADATA takes one text"),
        ('ORDER_METADATA("a";"b")', "ORDER_METADATA takes one text"),
        ("1" * 29, "a number has more than 28 digits"),
        ("1" * (MAX_LENGTH + 1), f"it must NOT have more than {MAX_LENGTH} characters"),
        ("-" * MAX_DEPTH + "1", "it is nested too deeply"),
        ("+".join(["1"] * 401), "it is too large"),
    ],
)
def test_what_is_no_formula_is_refused_in_so_many_words(text, wrong):
    with pytest.raises(FormulaError) as refused:
        parse_formula(text)

    assert str(refused.value) == wrong


@given(st.text(max_size=80))
@settings(max_examples=2000)
def test_any_text_is_read_or_refused(text):
    with suppress(FormulaError):
        assert parse_formula(text).text == text


@given(st.lists(st.sampled_from(TOKENS), max_size=25), st.data())
@settings(max_examples=2000)
def test_what_is_read_comes_to_a_number_or_to_none(tokens, data):
    with suppress(FormulaError, NoValue):
        formula = parse_formula(" ".join(tokens))
        facts = {
            name: data.draw(st.integers(0, 9) | st.sampled_from(["gold", None]))
            for name in formula.operands
        }
        assert evaluate(formula, Known(**facts), CALENDAR).is_finite()
