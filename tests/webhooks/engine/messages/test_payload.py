"""Designed payloads: JSON with placeholders."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webhooks.engine.messages.trying import tried
from webhooks.engine.messages.payload import LONGEST, read_payload, render_payload
from webhooks.engine.messages.placeholders import BrokenTemplate
from webhooks.engine.messages.values import Voice

DATA: dict[str, Any] = {
    "customer": {"id": "cust_1", "name": 'Ada "Countess"'},
    "order": {"amount": 750, "items": [{"price": 250}, {"price": 500}]},
}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('ab\\"}é'), inner),
    max_leaves=8,
)


def rendered(text: str) -> Any:
    return render_payload(read_payload(text), DATA, Voice(currency="EUR"))


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ('{"source": "promo", "n": 1}', {"source": "promo", "n": 1}),
        ('{"name": "{{customer.name}}"}', {"name": 'Ada "Countess"'}),
        ('{"total": {{order.amount}}}', {"total": 750}),
        ('{"total": "{{order.amount}}"}', {"total": "750"}),
        ('{"total": {{order.amount as money}}}', {"total": "7.50 EUR"}),
        ('{"of": {"{{customer.id}}": true}}', {"of": {"cust_1": True}}),
        ('{"lines": {{order.items}}}', {"lines": DATA["order"]["items"]}),
        ('[{{order.items[1].price}}, 2, "x"]', [500, 2, "x"]),
        ('{"a": {{gone}}, "b": "{{gone}}"}', {"a": None, "b": ""}),
        ('{"a": {{gone or "none"}}}', {"a": "none"}),
        ('{"a": "{{gone or \\"none\\"}}"}', {"a": "none"}),
        ("{{order.amount}}", 750),
        ('"Hello {{customer.id}}"', "Hello cust_1"),
        ('{"a": {"b": {"c": {{order.amount}}}}}', {"a": {"b": {"c": 750}}}),
    ],
)
def test_what_a_receiver_gets(text: str, sent: Any) -> None:
    assert rendered(text) == sent


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("", "", "must be JSON, found none at line 1: Expecting value"),
        ('{"a":\n}', "", "must be JSON, found none at line 2: Expecting value"),
        ('{"a": {{b}', "", "must be JSON, found none at line 1: Expecting property"),
        ('{"a": {{}}}', "", "must have placeholders such as"),
        ('{"a": [1, "{{b"]}', ".a[1]", "must close every placeholder"),
        ('{"{{b": 1}', ".{{b", "must close every placeholder"),
        ('{"a": NaN}', "", "must not hold NaN: no JSON knows it"),
        ('{"a": -Infinity}', "", "must not hold -Infinity: no JSON knows it"),
        ('{"a": 1e999}', ".a", "must not hold a number as large as this"),
        ("9" * 5_000, "", "must be JSON with numbers of a usual length"),
        ('{"a": "\\u0000"}', ".a", "must not hold characters that no text can have"),
        ('{"\\ud800": 1}', ".?", "must not hold characters that no text can have"),
        ("[" * 42 + "]" * 42, "[0]" * 41, "must not be nested deeper than 40 levels"),
        ("[" * 20_000 + "]" * 20_000, "", "must not be nested deeper than 40 levels"),
        (" " * LONGEST + "1", "", "must be at most 50,000 characters long"),
    ],
)
def test_what_is_broken_is_said_with_its_place(
    text: str, path: str, words: str
) -> None:
    with pytest.raises(BrokenTemplate) as broken:
        read_payload(text)

    assert broken.value.path == path
    assert str(broken.value).startswith(words)


@pytest.mark.parametrize("text", ['{"a": {{vouchr}}}', '{"a": "{{vouchr}}"}'])
def test_a_first_key_that_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(BrokenTemplate, match="with one of customer, found vouchr"):
        read_payload(text, {"customer"})


@tried
@given(JSON)
def test_json_without_placeholders_arrives_as_it_was_written(value: Any) -> None:
    assert rendered(json.dumps(value)) == value
