import pytest

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
