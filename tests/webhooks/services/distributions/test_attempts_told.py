"""What becomes of e-mails and text messages, as the activity of customers tells it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.customers import CustomerFactory
from tests.factories.distributions import (
    POSTCARD,
    Postcards,
    ada,
    order_event,
    running,
    send,
    states,
    tell,
)
from tests.factories.tenancy import NOW
from webhooks.channels import Message, Outcome, Result
from webhooks.channels.email import EmailChannel
from webhooks.channels.sms import SmsChannel
from webhooks.engine.schedule import RETRIES
from webhooks.models import DistributionMessage
from webhooks.services.distributions import settling

pytestmark = pytest.mark.django_db
EMAIL = {
    "type": "EMAIL",
    "content": {"languages": {"en": {"subject": "Thanks", "text": "Thank you"}}},
}
SMS = {"type": "SMS", "content": {"languages": {"en": {"text": "Thank you"}}}}


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch) -> list[Result]:
    """What comes of the next messages, SENT once there is nothing left."""
    next_ones: list[Result] = []

    def send(_: Any, messages: Sequence[Message], *, now: datetime) -> list[Outcome]:
        results = [next_ones.pop(0) if next_ones else Result.SENT for _ in messages]
        return [Outcome(each) for each in results]

    for channel in (EmailChannel, SmsChannel):
        monkeypatch.setattr(channel, "send", send)
    return next_ones


def attempts() -> list[DomainEvent]:
    told = DomainEvent.objects.filter(type__regex=r"^customer\.(email|sms)\.")
    return list(told.order_by("pk"))


def types() -> list[str]:
    return [event.type for event in attempts()]


@pytest.mark.parametrize(
    ("channel", "kind", "to"),
    [(EMAIL, "email", "ada@example.com"), (SMS, "sms", "+33612345678")],
)
def test_a_message_that_went_out_is_told(
    project: Project, outcomes: list[Result], channel: Any, kind: str, to: str
) -> None:
    running(project, channels=[channel])
    customer = ada(project, phone="+33612345678")

    tell(project, order_event(customer))
    send()

    [event] = attempts()
    assert (event.type, event.category) == (f"customer.{kind}.sent", "EFFECT")
    assert event.customer_id == customer.pk
    assert event.entity_id == DistributionMessage.objects.get().pk
    assert event.payload["customer"]["id"] == customer.pk
    assert event.payload["message"] == {"channel": channel["type"], "recipient": to}


def test_a_message_that_failed_is_told_once_and_once_more_when_it_went_out(
    project: Project, outcomes: list[Result]
) -> None:
    running(project, channels=[EMAIL])
    outcomes += [Result.FAILED, Result.FAILED]
    tell(project, order_event(ada(project)))

    send()
    first = types()
    send(NOW + RETRIES[0])
    second = types()
    send(NOW + RETRIES[1])

    assert first == second == ["customer.email.failed"]
    assert types() == ["customer.email.failed", "customer.email.recovered"]


def test_a_message_that_is_refused_has_failed(
    project: Project, outcomes: list[Result]
) -> None:
    distribution = running(project, channels=[EMAIL])
    outcomes.append(Result.REFUSED)
    tell(project, order_event(ada(project)))

    send()

    assert states(distribution) == [("EMAIL", "FAILED", "refused")]
    assert types() == ["customer.email.failed"]


def test_what_is_not_tried_is_not_told(
    project: Project, outcomes: list[Result], cards: type[Postcards]
) -> None:
    distribution = running(project, channels=[EMAIL, POSTCARD])
    tell(project, order_event(ada(project, email="")))

    send()

    assert states(distribution) == [
        ("EMAIL", "SKIPPED", "no_email"),
        ("POSTCARD", "SENT", ""),
    ]
    assert types() == []


def test_what_is_rolled_back_is_not_told(
    project: Project, outcomes: list[Result]
) -> None:
    running(project, channels=[EMAIL])
    tell(project, order_event(ada(project)))

    with transaction.atomic():
        send()
        within = types()
        transaction.set_rollback(True)

    assert within == ["customer.email.sent"]
    assert types() == []
    assert DistributionMessage.objects.get().state == "WAITING"


def test_telling_costs_the_same_for_one_message_as_for_many(
    project: Project, outcomes: list[Result]
) -> None:
    running(project, channels=[EMAIL])
    costs = []

    for count in (1, 20):
        people = [
            CustomerFactory.create(project=project, email=f"ada{count}{n}@example.com")
            for n in range(count)
        ]
        tell(project, *(order_event(person) for person in people))
        with CaptureQueriesContext(connection) as asked:
            send()
        costs.append(len(asked))

    assert costs[0] == costs[1]
    assert types() == ["customer.email.sent"] * 21


def test_a_message_that_is_over_meanwhile_is_not_told(
    project: Project, outcomes: list[Result]
) -> None:
    running(project, channels=[EMAIL])
    tell(project, order_event(ada(project)))
    row = DistributionMessage.objects.select_related("distribution__project").get()
    DistributionMessage.objects.update(state="CANCELED")
    sent = settling.Settlement(message=row, state="SENT", is_attempt=True)

    settling.settle([sent], now=NOW)

    assert types() == []
    assert DistributionMessage.objects.get().state == "CANCELED"
