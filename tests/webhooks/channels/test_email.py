"""E-mails of distributions: what is in them, and what comes of sending them."""

from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail

from customers.services.links import preference_address_of, unsubscribe_address_of
from tests.factories.tenancy import NOW
from tests.fixtures.mail_server import MailServer
from webhooks.channels import (
    ContentRefused,
    Message,
    Outcome,
    Recipient,
    Result,
    channel_of,
)
from webhooks.channels.email import EmailChannel

CHANNEL = EmailChannel()
CUSTOMER = "cust_01900000000070008000000000000001"
CONTEXT: dict[str, Any] = {
    "customer": {"id": CUSTOMER, "name": "Ada", "metadata": {"locale": "de"}},
    "voucher": {"code": "SAVE20"},
    "order": {"amount": 750, "paid_at": "2026-03-10T23:30:00Z"},
    "project": {"currency": "EUR", "timezone": "Europe/Paris"},
}


def message(to: str, **values: Any) -> Message:
    shown = {"subject": "S", "text": "T", "html": "<p>T</p>", **values}
    return Message(id=f"msg_{to[:3]}", to=to, **shown)


def sent_as_it_is(built: Any) -> EmailMessage:
    """Return an e-mail as a mail program reads it."""
    found: EmailMessage = built.message()
    return found


def test_an_email_has_both_forms_the_link_and_the_words_of_its_language() -> None:
    words = {
        "en": {"subject": "Hi", "text": "Hi"},
        "de": {
            "subject": "Für {{customer.name}}",
            "html": "<p>{{order.amount as money}} am {{order.paid_at as date}}</p>",
        },
    }
    content = CHANNEL.check({"languages": words})

    shown = CHANNEL.render(content, CONTEXT, "")

    link = preference_address_of(CUSTOMER)
    assert (shown.subject, shown.language) == ("Für Ada", "de")
    assert shown.html.startswith('<!doctype html>\n<html lang="de">\n<body')
    assert "<p>7.50 EUR am 11.3.2026</p>" in shown.html
    assert f'<a href="{link}"' in shown.html
    assert shown.text.startswith("7.50 EUR am 11.3.2026\n\n-- \nAuswählen")
    assert shown.text.endswith(f":\n{link}\n")
    assert shown.headers == {
        "List-Unsubscribe": f"<{unsubscribe_address_of(CUSTOMER)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_the_given_language_comes_before_what_the_profile_says() -> None:
    words = {code: {"subject": code, "text": code} for code in ("en", "de", "fr")}

    shown = CHANNEL.render({"languages": words}, CONTEXT, "fr-be")

    assert shown.language == "fr"


def test_a_link_that_is_there_is_not_added_again() -> None:
    html = '<html><body><a href="{{preferences}}">Stop</a></body></html>'

    shown = CHANNEL.render({"subject": "S", "html": html}, CONTEXT, "")

    link = preference_address_of(CUSTOMER)
    assert shown.html == f'<html><body><a href="{link}">Stop</a></body></html>'
    assert shown.text == f"Stop ({link})"


def test_a_document_gets_the_link_inside_its_body() -> None:
    shown = CHANNEL.render(
        {"subject": "S", "html": "<html><BODY>Hi</BODY></html>"}, CONTEXT, ""
    )

    assert shown.html.endswith("</a></p>\n</BODY></html>")


def test_nobody_in_particular_has_no_link() -> None:
    shown = CHANNEL.render({"subject": "S", "text": "Hi"}, {}, "")

    assert (shown.headers, shown.text, shown.attachments) == ({}, "Hi", ())


def test_a_code_is_shown_as_a_picture_where_it_is_asked_for() -> None:
    content = {"subject": "S", "html": "<p>{{qr}}</p>"}

    shown = CHANNEL.render(content, CONTEXT, "")
    without_code = CHANNEL.render(content, {**CONTEXT, "voucher": None}, "")

    (picture,) = shown.attachments
    assert '<img src="cid:code"' in shown.html
    assert picture.content.startswith(b"\x89PNG")
    assert without_code.attachments == ()
    assert "<img" not in without_code.html


def test_what_is_sent_is_one_related_whole(settings: Any) -> None:
    settings.DISTRIBUTION_FROM_EMAIL = "Shop <hello@shop.example>"
    shown = CHANNEL.render({"subject": "S", "html": "{{qr}}"}, CONTEXT, "")

    came = CHANNEL.send(
        [
            message(
                "ada@example.com",
                subject=shown.subject,
                html=shown.html,
                attachments=shown.attachments,
                headers=shown.headers,
            )
        ],
        now=NOW,
    )

    built = sent_as_it_is(mail.outbox[0])
    kinds = [part.get_content_type() for part in built.walk()]
    assert came == [Outcome(Result.SENT)]
    assert kinds == [
        "multipart/related",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png",
    ]
    assert built["From"] == "Shop <hello@shop.example>"
    assert built["Message-ID"] == "<msg_ada@shop.example>"
    assert built["List-Unsubscribe"] == shown.headers["List-Unsubscribe"]
    assert list(built.walk())[4]["Content-ID"] == "<code>"


def test_what_a_mail_server_answers_is_told_apart(mail_server: MailServer) -> None:
    mail_server.answers = {
        "bob@example.com": 550,
        "cy@example.com": 450,
        "di@example.com": 421,
    }
    people = [f"{name}@example.com" for name in ("ada", "bob", "cy", "di", "eve")]

    came = CHANNEL.send([message(person) for person in people], now=NOW)

    no_such = "The mail server knows no such address"
    assert came == [
        Outcome(Result.SENT),
        Outcome(Result.REFUSED, f"{no_such} (550)"),
        Outcome(Result.FAILED, f"{no_such} (450)"),
        Outcome(Result.FAILED, f"{no_such} (421)"),
        Outcome(Result.SENT),
    ]
    assert len(mail_server.taken) == 2
    assert mail_server.connections == 3


def test_a_mail_server_that_is_away_is_tried_again(
    mail_server: MailServer, settings: Any
) -> None:
    settings.EMAIL_PORT = 1

    came = CHANNEL.send([message("ada@example.com")], now=NOW)

    assert came == [Outcome(Result.FAILED, "The mail server did not take it")]


def test_what_cannot_be_written_to_is_refused() -> None:
    came = CHANNEL.send([message("ada@example.com", subject="a\nb: c")], now=NOW)

    assert came == [Outcome(Result.REFUSED, "The address cannot be written to")]
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("email", "address"),
    [
        (" ada@example.com ", "ada@example.com"),
        ("", ""),
        ("ada", ""),
        ("ada@example.com, eve@example.com", ""),
        ("ada@example.com\nBcc: eve@example.com", ""),
    ],
)
def test_where_a_customer_is_reached(email: str, address: str) -> None:
    customer = Recipient(id=CUSTOMER, project_id="proj_1", email=email)

    assert CHANNEL.address_of(customer, {}) == address


def test_a_content_that_cannot_be_sent_is_refused_with_its_path() -> None:
    with pytest.raises(ContentRefused) as refused:
        CHANNEL.check({"languages": {"en": {"subject": "{{x", "text": "T"}}})

    assert refused.value.path == ".languages.en.subject"
    assert refused.value.problem == "must close every placeholder with }}, found {{x"


def test_the_channel_is_the_one_that_the_settings_name() -> None:
    assert isinstance(channel_of("EMAIL"), EmailChannel)
