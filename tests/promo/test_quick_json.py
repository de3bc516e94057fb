"""The quick writer says what Python's own says, also where it refuses."""

import json
from collections import OrderedDict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promo.quick_json import dumps
from redemptions.models.redemption import Kind

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_both_writers_say_the_same(value: Any) -> None:
    assert json.loads(dumps(value)) == json.loads(json.dumps(value))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({1: "a", None: "b"}, b'{"1":"a","null":"b"}'),
        (2**70, b"1180591620717411303424"),
        (Kind.REDEMPTION, b'"redemption"'),
        (OrderedDict(a=(1, 2)), b'{"a":[1,2]}'),
        ("Łódź ☕", '"Łódź ☕"'.encode()),
        ("half \ud83d", b'"half ?"'),
        ("\x00\u2028", b'"\\u0000\xe2\x80\xa8"'),
    ],
)
def test_what_only_one_of_them_knows(value: Any, written: bytes) -> None:
    assert dumps(value) == written


def test_deep_nesting_is_left_to_python() -> None:
    value: Any = []
    for _ in range(500):
        value = [value]

    assert dumps(value) == b"[" * 501 + b"]" * 501


@pytest.mark.parametrize(
    "value",
    [datetime(2027, 1, 2, tzinfo=UTC), date(2027, 1, 2), Decimal("1.50")],
)
def test_what_json_does_not_know_is_written_as_told(value: Any) -> None:
    assert dumps([value], lambda found: f"<{found}>") == f'["<{value}>"]'.encode()


def test_what_nobody_knows_is_refused() -> None:
    with pytest.raises(TypeError):
        dumps([Decimal(1)])
