"""Text messages of distributions: what they say, and how they get to a gateway."""

import json
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from tests.factories.tenancy import NOW
from tests.fixtures.receiver import Receiver
from webhooks.channels import ContentRefused, Message, Outcome, Recipient, Result
from webhooks.channels.sms import SmsChannel

CHANNEL = SmsChannel()
MESSAGES = [Message(id="msg_1", to="+33612345678", text="Voilà SAVE20")]


@pytest.fixture
def gateway(receiver: Receiver, settings: Any) -> Iterator[Receiver]:
    """A gateway that answers as its ``status`` says."""
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    settings.SMS_ADAPTER = "webhooks.channels.sms_adapters.HttpGateway"
    settings.SMS_GATEWAY_URL = f"{receiver.url}/switch"
    settings.SMS_GATEWAY_TOKEN = "a token"  # noqa: S105 - of a test
    settings.SMS_SENDER = "Shop"
    return receiver


def test_a_text_message_is_rendered_in_the_customers_language() -> None:
    content = CHANNEL.check(
        {"languages": {"en": {"text": "Use {{voucher.code}}"}, "fr": {"text": "Voilà"}}}
    )
    context = {"customer": {"name": "Ada"}, "voucher": {"code": "SAVE20"}}

    shown = CHANNEL.render(content, context, "")
    french = CHANNEL.render(content, context, "fr")

    assert (shown.text, shown.language) == ("Use SAVE20", "en")
    assert (french.text, french.language) == ("Voilà", "fr")


def test_the_gateway_gets_one_post_a_message(gateway: Receiver) -> None:
    came = CHANNEL.send(MESSAGES, now=NOW)

    (got,) = gateway.got
    assert came == [Outcome(Result.SENT)]
    assert json.loads(got.body) == {
        "id": "msg_1",
        "to": "+33612345678",
        "from": "Shop",
        "text": "Voilà SAVE20",
    }
    assert got.headers["authorization"] == "Bearer a token"
    assert got.headers["idempotency-key"] == "msg_1"


def test_a_gateway_that_wants_no_token_gets_none(
    gateway: Receiver, settings: Any
) -> None:
    settings.SMS_GATEWAY_TOKEN = ""

    CHANNEL.send(MESSAGES, now=NOW)

    assert "authorization" not in gateway.got[0].headers


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (400, Result.REFUSED),
        (422, Result.REFUSED),
        (401, Result.FAILED),
        (429, Result.FAILED),
        (503, Result.FAILED),
    ],
)
def test_what_the_gateway_answers_is_told_apart(
    gateway: Receiver, status: int, result: Result
) -> None:
    gateway.status = status

    came = CHANNEL.send(MESSAGES, now=NOW)

    assert came == [Outcome(result, f"The gateway answered {status}")]


def test_a_gateway_inside_the_network_is_not_called_unless_allowed(
    gateway: Receiver, settings: Any
) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = []

    (came,) = CHANNEL.send(MESSAGES, now=NOW)

    assert came.result == Result.FAILED
    assert came.reason.startswith("The gateway: The target must not lead to 127.0.0.1")
    assert gateway.got == []


def test_without_an_address_of_the_gateway_nothing_is_sent(
    gateway: Receiver, settings: Any
) -> None:
    settings.SMS_GATEWAY_URL = ""

    came = CHANNEL.send(MESSAGES, now=NOW)

    reason = "No gateway is set up: SMS_GATEWAY_URL is empty"
    assert came == [Outcome(Result.FAILED, reason)]


def test_without_a_gateway_messages_are_files(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path

    came = CHANNEL.send(MESSAGES, now=NOW)

    written = (tmp_path / "sms" / "msg_1.txt").read_text(encoding="utf-8")
    assert came == [Outcome(Result.SENT)]
    assert written == "To: +33612345678\n\nVoilà SAVE20\n"


def test_a_folder_that_cannot_be_written_to_is_tried_again(
    settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "sms").write_text("no folder")

    came = CHANNEL.send(MESSAGES, now=NOW)

    assert came == [Outcome(Result.FAILED, "The file was not written: File exists")]


@pytest.mark.parametrize(
    ("phone", "address"),
    [
        ("+33 6 12-34.56 (78)", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("0612345678", "0612345678"),
        ("", ""),
        ("call me", ""),
        ("+1234567890123456", ""),
    ],
)
def test_where_a_customer_is_reached(phone: str, address: str) -> None:
    customer = Recipient(id="cust_1", project_id="proj_1", phone=phone)

    assert CHANNEL.address_of(customer, {}) == address


def test_a_content_that_cannot_be_sent_is_refused_with_its_path() -> None:
    with pytest.raises(ContentRefused) as refused:
        CHANNEL.check({"text": ""})

    assert (refused.value.path, refused.value.problem) == (".text", "must not be empty")
