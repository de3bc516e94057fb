"""The expression that joins rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.engine.logic import LogicError, parse_logic
from campaigns.engine.rules import And, Key, Or, keys_of

ONE, TWO, THREE = Key("1"), Key("2"), Key("3")


@pytest.mark.parametrize(
    ("text", "logic"),
    [
        ("1", ONE),
        ("(1)", ONE),
        ("1 or 2", Or((ONE, TWO))),
        ("1 OR 2 AND 3", Or((ONE, And((TWO, THREE))))),
        ("( 1 or 2 ) and 3", And((Or((ONE, TWO)), THREE))),
        ("1 And\n2\tand 3", And((ONE, TWO, THREE))),
        ("1 or (2 and 3)", Or((ONE, And((TWO, THREE))))),
        ("(1)and(2)", And((ONE, TWO))),
        ("android and orange", And((Key("android"), Key("orange")))),
        ("", None),
        ("  ", None),
    ],
)
def test_and_binds_tighter_than_or(text, logic):
    assert parse_logic(text) == logic


@pytest.mark.parametrize(
    "text",
    [
        "1 and",
        "and",
        "1 2",
        "(1",
        "1)",
        "()",
        "1 or or 2",
        "(" * 51 + "1" + ")" * 51,
        "1 or " * 3_000 + "1",
    ],
)
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(LogicError):
        parse_logic(text)


def test_keys_are_named_once_from_the_left():
    assert keys_of(parse_logic("2 or (1 and 2)")) == ("2", "1")
    assert keys_of(None) == ()


@given(st.text(alphabet="123() andorAND", max_size=40))
def test_no_text_fails_otherwise(text):
    try:
        parse_logic(text)
    except LogicError:
        return
