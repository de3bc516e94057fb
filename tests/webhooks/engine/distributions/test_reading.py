"""Reading JSON that a marketer designed."""

from typing import Any

import pytest

from promo.errors import InvalidPayload
from webhooks.engine.distributions.reading import (
    a_choice,
    a_flag,
    a_text,
    a_whole_number,
    an_object,
)


def test_what_fits_is_returned() -> None:
    assert an_object(None, ".x") == {}
    assert an_object({"a": 1}, ".x") == {"a": 1}
    assert a_text("text", ".x") == "text"
    assert a_choice("A", ".x", ["A", "B"]) == "A"
    assert a_whole_number(3, ".x", least=3) == 3
    assert a_flag(False, ".x") is False


@pytest.mark.parametrize("value", [[], "x", 1])
def test_what_is_no_object_is_refused(value: Any) -> None:
    with pytest.raises(InvalidPayload, match=r"Property \.x must be object"):
        an_object(value, ".x")


@pytest.mark.parametrize("value", ["", "x" * 256, "a\0b"])
def test_a_text_that_cannot_be_kept_is_refused(value: str) -> None:
    with pytest.raises(InvalidPayload, match="must have 1 to 255 plain characters"):
        a_text(value, ".x")


@pytest.mark.parametrize("value", [["A"], None, "C"])
def test_what_is_no_choice_is_refused(value: Any) -> None:
    with pytest.raises(InvalidPayload, match=r"allowed values \[ A, B \]"):
        a_choice(value, ".x", ["A", "B"])


@pytest.mark.parametrize("value", [2, 2**31])
def test_a_number_out_of_range_is_refused(value: int) -> None:
    with pytest.raises(InvalidPayload, match="must be >= 3 and <= 2147483647"):
        a_whole_number(value, ".x", least=3)


def test_what_is_no_flag_is_refused() -> None:
    with pytest.raises(InvalidPayload, match="must be boolean"):
        a_flag(0, ".x")
