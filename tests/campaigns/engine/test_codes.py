import re
from collections import Counter
from random import Random, SystemRandom

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.engine.codes import CodeConfig, parse_code_config
from promo.errors import BadRequest, InvalidPayload


def test_prefix_and_postfix_stand_around_a_pattern_without_them():
    config = CodeConfig(pattern="####", prefix="A-", postfix="-Z")

    assert config.template == "A-####-Z"


def test_a_pattern_with_prefix_and_postfix_does_not_get_them_twice():
    config = CodeConfig(pattern="A-####-Z", prefix="A-", postfix="-Z")

    assert config.template == "A-####-Z"


def test_a_length_may_be_written_as_a_whole_fraction():
    assert parse_code_config({"length": 4.0}).template == "####"


@pytest.mark.parametrize(
    ("sent", "details"),
    [
        ([], "Property .code_config must be object"),
        ({"charset": 1}, "Property .code_config.charset must be string"),
        ({"length": "8"}, "Property .code_config.length must be integer"),
        ({"length": True}, "Property .code_config.length must be integer"),
    ],
)
def test_a_value_of_another_type_is_refused(sent, details):
    with pytest.raises(InvalidPayload) as refused:
        parse_code_config(sent)

    assert refused.value.details == details


@pytest.mark.parametrize(
    ("sent", "details"),
    [
        ({"length": 0}, "Length must be between 1 and 255"),
        ({"length": 256}, "Length must be between 1 and 255"),
        ({"pattern": "#" * 256}, "Codes must not have more than 255 characters"),
        ({"pattern": " ####"}, "Codes must not have control characters"),
        ({"pattern": "##\n##"}, "Codes must not have control characters"),
        ({"charset": "AB C"}, "Charset must not have spaces"),
    ],
)
def test_codes_that_nobody_could_type_are_refused(sent, details):
    with pytest.raises(BadRequest) as refused:
        parse_code_config(sent)

    assert (refused.value.key, refused.value.details) == (
        "invalid_code_config",
        details,
    )


class EveryByte(Random):
    """Random bytes that are all of them, in their order, again and again."""

    def __init__(self) -> None:
        super().__init__(0)
        self.given = 0

    def randbytes(self, n: int) -> bytes:
        start, self.given = self.given, self.given + n
        return bytes(number % 256 for number in range(start, self.given))


@pytest.mark.parametrize("charset", ["01", "abc", "0123456789abcdef!", "äöü€"])
def test_every_character_is_drawn_equally_often(charset):
    config = CodeConfig(charset=charset, pattern="#")
    whole_rounds = 256 - 256 % len(charset)

    drawn = config.draw(whole_rounds * 3, EveryByte())

    assert Counter(drawn) == dict.fromkeys(charset, whole_rounds * 3 // len(charset))


def test_a_charset_of_more_characters_than_a_byte_has_values_is_drawn_from_whole():
    charset = "".join(chr(0x4E00 + number) for number in range(300))

    drawn = CodeConfig(charset=charset, pattern="#").draw(20_000, SystemRandom())

    assert set(drawn) == set(charset)


@pytest.mark.parametrize(
    ("config", "shape"),
    [
        (CodeConfig(charset="AB"), r"[AB]{8}"),
        (CodeConfig(charset="AB", pattern="##-#x#"), r"[AB]{2}-[AB]x[AB]"),
        (CodeConfig(charset="€", pattern="#", prefix="ä\\", postfix="!"), r"ä\\€!"),
        (CodeConfig(pattern="ONE"), r"ONE"),
    ],
)
def test_every_blank_of_the_pattern_is_filled(config, shape):
    drawn = config.draw(50, SystemRandom())

    assert len(drawn) == 50
    assert all(re.fullmatch(shape, code) for code in drawn)


def test_nothing_is_drawn_where_no_code_is_wanted():
    assert CodeConfig().draw(0, SystemRandom()) == []


def test_codes_are_drawn_independently_of_each_other():
    drawn = CodeConfig(charset="01", pattern="#" * 16).draw(2_000, SystemRandom())

    assert len(set(drawn)) > 1_900


@given(
    charset=st.text("abcXYZ019äß€", min_size=1, max_size=12),
    pattern=st.text("#-A", min_size=1, max_size=12),
    count=st.integers(0, 30),
)
def test_what_is_drawn_matches_the_pattern(charset, pattern, count):
    config = CodeConfig(charset="".join(dict.fromkeys(charset)), pattern=pattern)

    drawn = config.draw(count, SystemRandom())

    shape = re.compile(config.matching(case_sensitive=True))
    assert len(drawn) == count
    assert all(shape.match(code) for code in drawn)
