"""Placeholders: which are read, which are refused, what they are filled in with."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webhooks.engine.messages.trying import tried
from webhooks.engine.messages.placeholders import (
    BrokenTemplate,
    Placeholder,
    Template,
    read_template,
)
from webhooks.engine.messages.text import fill, fill_html, fill_line
from webhooks.engine.messages.values import Voice

DATA: dict[str, Any] = {
    "customer": {
        "name": "Ada <Lovelace>",
        "email": "",
        "metadata": {
            "first name": "Ada",
            "vip": True,
            "size": 4.50,
            "tags": ["a", 1],
            "a.b": "dotted",
        },
    },
    "order": {
        "amount": 123_450,
        "paid_at": "2026-03-10T23:30:00Z",
        "day": "2026-03-10",
        "items": [{"product": {"name": "Mug"}}, {"product": {"name": "Tea"}}],
    },
    "voucher": {"code": "SAVE20", "0": "zero"},
}
VOICE = Voice("en", "EUR", ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("no placeholder } }} { here", "no placeholder } }} { here"),
        ("{{voucher.code}}", "SAVE20"),
        ("Use {{ voucher.code }}!", "Use SAVE20!"),
        ("{{order.items[0].product.name}}", "Mug"),
        ("{{order.items.1.product.name}}", "Tea"),
        ('{{customer.metadata["first name"]}}', "Ada"),
        ("{{voucher[0]}}", "zero"),
        ("{{customer.metadata.vip}}", "true"),
        ("{{customer.metadata.a.b}}", "dotted"),
        ("{{customer.metadata.size}}", "4.5"),
        ("{{customer.metadata.tags}}", '["a",1]'),
        ("{{order.items[2].product.name}}", ""),
        ("{{order.items.first}}", ""),
        ("{{voucher.code.more}}", ""),
        ("{{nobody.name}}", ""),
        ('Hello {{nobody.name or "friend"}}', "Hello friend"),
        ('{{customer.email or "none"}}', "none"),
        ('{{voucher.code or "none"}}', "SAVE20"),
        ("{{order.amount as money}}", "1,234.50 EUR"),
        ("{{voucher.code as money}}", "SAVE20"),
        ("{{customer.metadata.vip as money}}", "true"),
        ("{{order.paid_at as date}}", "11 March 2026"),
        ("{{order.day as date}}", "10 March 2026"),
        ("{{voucher.code as date}}", "SAVE20"),
        ("{{order.amount as date}}", "123450"),
        ('{{nobody.paid_at as date or "soon"}}', "soon"),
    ],
)
def test_what_is_filled_in(text: str, filled: str) -> None:
    assert fill(read_template(text), DATA, VOICE) == filled


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("de-AT", "11.3.2026"),
        ("fr", "11/03/2026"),
        ("nl", "11-03-2026"),
        ("pl", "11.03.2026"),
        ("ja", "2026-03-11"),
    ],
)
def test_a_date_is_written_as_its_readers_write_it(language: str, shown: str) -> None:
    voice = Voice(language, "EUR", VOICE.zone)

    filled = fill(read_template("{{order.paid_at as date}}"), DATA, voice)

    assert filled == shown


def test_a_moment_beyond_the_calendar_is_written_as_it_is() -> None:
    template = read_template("{{at as date}}")

    filled = fill(template, {"at": "9999-12-31T23:59:59Z"}, VOICE)

    assert filled == "9999-12-31T23:59:59Z"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{", "must close every placeholder with }}, found {{"),
        ("a {{b} c", "must close every placeholder with }}, found {{b} c"),
        (
            "{{}}",
            (
                "must have placeholders such as {{customer.name}} or "
                "{{order.items[0].product.name}}, found {{}}"
            ),
        ),
        (
            "{{" + "x " * 99 + "}}",
            (
                "must have placeholders such as {{customer.name}} or "
                f"{{{{order.items[0].product.name}}}}, found {('{{' + 'x ' * 99)[:60]}…"
            ),
        ),
        ("{{a as euro}}", "must write values as money or as date, found as euro"),
        (
            "{{custmer.name}}",
            (
                "must begin placeholders with one of customer, order, found custmer: "
                "was customer meant?"
            ),
        ),
    ],
)
def test_what_is_broken_is_said(text: str, words: str) -> None:
    with pytest.raises(BrokenTemplate) as broken:
        read_template(text, {"order", "customer"} if "custmer" in text else ())

    assert str(broken.value) == words


@pytest.mark.parametrize(
    "text", ["{{a.}}", "{{.a}}", "{{a..b}}", "{{a[x]}}", "{{a b}}"]
)
def test_a_path_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BrokenTemplate):
        read_template(text)


def test_a_known_first_key_is_taken() -> None:
    template = read_template("{{order.amount}}", {"order"})

    assert template == Template((Placeholder(("order", "amount")),))


def test_a_subject_is_one_line_whatever_the_values_hold() -> None:
    template = read_template("For {{name}}")

    filled = fill_line(template, {"name": "Ada\r\nBcc: eve@example.com"}, VOICE)

    assert filled == "For Ada Bcc: eve@example.com"


def test_values_are_escaped_in_html_and_our_own_markup_is_not() -> None:
    template = read_template("<p>{{customer.name}} {{qr}} {{qr.x}}</p>")

    filled = fill_html(template, DATA, VOICE, {"qr": "<img>"})

    assert filled == "<p>Ada &lt;Lovelace&gt; <img> </p>"


@tried
@given(st.text(), st.text())
def test_no_value_brings_markup_along(value: str, before: str) -> None:
    template = Template((before, Placeholder(("value",))))

    filled = fill_html(template, {"value": value}, VOICE)

    assert not set(filled.removeprefix(before)) & set("<>\"'")


def refusal_of(text: str) -> str:
    try:
        read_template(text)
    except BrokenTemplate as broken:
        return str(broken)
    return ""


@tried
@given(st.text(alphabet="{}ab.[]0\" '", max_size=30))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    words = refusal_of(text)

    assert words.startswith("must ") if words else read_template(text)
