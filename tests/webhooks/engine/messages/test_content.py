"""E-mails and text messages: the language, the words, and what is wrong with them."""

from typing import Any

import pytest

from webhooks.engine.messages.content import (
    Email,
    Problem,
    email_for,
    email_problems,
    in_full,
    sms_for,
    sms_problems,
)
from webhooks.engine.messages.languages import is_language, language_for, languages_of
from webhooks.engine.messages.values import Voice

DATA = {"customer": {"name": "<Ada>"}, "voucher": {"code": "SAVE20"}, "price": 750}
VOICE = Voice(currency="EUR")
A_LANGUAGE = "must be a language such as en or de-AT"
EMAIL = {
    "default_language": "en",
    "languages": {
        "en": {"subject": "For {{customer.name}}", "html": "<p>{{voucher.code}}</p>"},
        "de": {"subject": "Für {{customer.name}}", "text": "Hallo {{customer.name}}"},
    },
}
MANY = {f"{a}{b}": {} for a in "abcdefg" for b in "abcdefg"}


def test_an_email_is_written_in_the_customers_language() -> None:
    english = email_for(EMAIL, DATA, wanted=["fr", "en-GB"], voice=VOICE)
    german = email_for(EMAIL, DATA, wanted=["de_AT"], voice=VOICE)

    assert (english.language, english.subject) == ("en", "For <Ada>")
    assert (english.html, english.text) == ("<p>SAVE20</p>", "SAVE20")
    assert (german.language, german.subject) == ("de", "Für <Ada>")
    assert (german.html, german.text) == ("<p>Hallo &lt;Ada&gt;</p>", "Hallo <Ada>")


def test_both_forms_are_kept_where_both_were_written() -> None:
    content = {"subject": "S", "html": "<b>H</b>", "text": "T"}

    email = email_for(content, {}, wanted=[], voice=VOICE)

    assert email == Email("en", "S", "<b>H</b>", "T")


@pytest.mark.parametrize(
    ("html", "markup", "has_qr"),
    [
        ("<p>{{qr}}</p>", "<img>", True),
        ("<p>{{qr}}</p>", "", False),
        ("x", "<i>", False),
    ],
)
def test_a_picture_stands_where_it_is_asked_for(
    html: str, markup: str, *, has_qr: bool
) -> None:
    content = {"subject": "S", "html": html}

    email = email_for(content, {}, wanted=[], voice=VOICE, qr_markup=markup)

    assert email.has_qr is has_qr
    assert email.html == html.replace("{{qr}}", markup)


def test_a_text_message_is_plain_and_in_the_language_of_its_words() -> None:
    words = {
        "en": {"text": " Hi "},
        "de": {"text": "{{customer.name}} {{at as date}} "},
    }
    data = {**DATA, "at": "2026-03-10"}

    sent = sms_for({"languages": words}, data, wanted=["de"], voice=VOICE)

    assert sent == ("de", "<Ada> 10.3.2026")


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        ({"html": "<a href='{{preferences}}'>Stop</a>"}, True),
        ({"html": "<p>{{voucher.code}}</p>", "text": "{{preferences}}"}, True),
        ({"text": "Hello {{customer.name}}"}, False),
    ],
)
def test_the_link_to_the_preferences_is_found(
    words: dict[str, str], *, asks: bool
) -> None:
    email = email_for({"subject": "S", **words}, DATA, wanted=[], voice=VOICE)

    assert email.has_preferences is asks


@pytest.mark.parametrize(
    ("content", "path", "words"),
    [
        (None, "", "must be object"),
        ({"default_language": 7}, ".default_language", A_LANGUAGE),
        ({"default_language": "German"}, ".default_language", A_LANGUAGE),
        ({"languages": []}, ".languages", "must hold what is said in at least one"),
        ({"languages": MANY}, ".languages", "must hold at most 40 languages"),
        ({"languages": {"English": {}}}, ".languages.English", A_LANGUAGE),
        ({"languages": {"en": "Hi"}}, ".languages.en", "must be object"),
        (
            {"languages": {"en": {"subject": "S"}}},
            ".languages.en.text",
            "must not be empty",
        ),
        (
            {**EMAIL, "default_language": "fr"},
            ".default_language",
            "must be one of the languages",
        ),
        ({**EMAIL, "text": "T"}, ".text", "must be one of default_language, languages"),
        (
            {"subject": "S", "text": "T", "body": "B"},
            ".body",
            "must be one of html, subject, text",
        ),
        ({"text": "T"}, ".subject", "must not be empty"),
        ({"subject": " ", "text": "T"}, ".subject", "must not be empty"),
        ({"subject": "S", "text": " "}, ".text", "must not be empty"),
        ({"subject": "S", "html": 7}, ".html", "must be string"),
        (
            {"subject": "S" * 251, "text": "T"},
            ".subject",
            "must be at most 250 characters long",
        ),
        (
            {"subject": "S", "text": "a\x00"},
            ".text",
            "must not hold characters that no text can have",
        ),
        (
            {"subject": "S", "text": "{{nobody}}"},
            ".text",
            "must begin placeholders with one of customer, preferences, qr, found nob",
        ),
    ],
)
def test_what_is_wrong_with_an_email_is_said_with_its_path(
    content: Any, path: str, words: str
) -> None:
    known = set() if "languages" in (content or ()) else {"customer"}

    (problem,) = email_problems(content, known)

    assert problem.path == path
    assert problem.words.startswith(words)


def test_what_is_right_has_no_problem() -> None:
    assert email_problems(EMAIL) == []
    assert email_problems(EMAIL, {"customer", "voucher"}) == []
    assert sms_problems({"text": "Hi {{customer.name}}"}) == []


def test_a_text_message_has_no_subject() -> None:
    found = sms_problems({"subject": "S", "text": "T" * 1_001})

    assert found == [
        Problem(".subject", "must be one of text"),
        Problem(".text", "must be at most 1,000 characters long"),
    ]


def test_a_content_is_kept_in_one_form() -> None:
    words = {"subject": "S", "text": "T", "html": ""}
    kept = {"subject": "S", "text": "T"}

    assert in_full(words) == {"default_language": "en", "languages": {"en": kept}}
    assert in_full({"default_language": "de", **words}) == {
        "default_language": "de",
        "languages": {"de": kept},
    }
    assert in_full({"languages": {"fr": words, "de": words}}) == {
        "default_language": "de",
        "languages": {"de": kept, "fr": kept},
    }
    assert in_full(EMAIL) == EMAIL


@pytest.mark.parametrize(
    ("available", "wanted", "chosen"),
    [
        (["en", "de"], ["de"], "de"),
        (["en", "de"], ["de-AT"], "de"),
        (["en", "de-CH", "de-AT"], ["de_at"], "de-AT"),
        (["en", "de-CH", "de-AT"], ["de"], "de-CH"),
        (["en", "de"], ["fr", "de"], "de"),
        (["en", "de"], ["fr"], "en"),
        (["de", "en"], [], "de"),
    ],
)
def test_the_language_that_suits_best(
    available: list[str], wanted: list[str], chosen: str
) -> None:
    assert language_for(available, wanted) == chosen


def test_a_customers_languages_stand_in_the_profile_or_its_metadata() -> None:
    customer = {"locale": "de-AT", "metadata": {"language": " fr ", "lang": 7}}

    assert languages_of(customer) == ["de-AT", "fr"]
    assert languages_of({"metadata": None}) == []


@pytest.mark.parametrize("code", ["en", "de-AT", "zh-Hant-TW", "gsw"])
def test_what_is_a_language(code: str) -> None:
    assert is_language(code)


@pytest.mark.parametrize("code", ["", "EN", "english", "de_AT", "en-"])
def test_what_is_no_language(code: str) -> None:
    assert not is_language(code)
