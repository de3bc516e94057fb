"""Messages as webhooks, over real TCP: what arrives, and what happens otherwise."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.admin_site import sign_in
from tests.factories.distributions import (
    ada,
    order_event,
    running,
    send,
    states,
    tell,
)
from tests.factories.tenancy import NOW
from tests.fixtures.receiver import Receiver
from webhooks.channels import ContentRefused
from webhooks.channels.webhook import WebhookChannel
from webhooks.engine.schedule import RETRIES
from webhooks.engine.signing import signature
from webhooks.models import Delivery, Distribution, DistributionMessage, Webhook
from webhooks.services.delivering import deliver_due
from webhooks.services.distributions.lifecycle import (
    GRACE,
    pause,
    resume,
    update_distribution,
)
from webhooks.services.notices import send_notices
from webhooks.services.replay import replay
from webhooks.services.secrets import secret_of

pytestmark = pytest.mark.django_db


def deliver(now: Any = NOW) -> int:
    return deliver_due(clock=lambda: now, at_most=timedelta(minutes=1))


def posting(project: Project, url: str, **content: Any) -> Distribution:
    channel = {"type": "WEBHOOK", "content": {"target_url": url, **content}}
    return running(project, channels=[channel])


def test_a_message_arrives_signed_in_its_envelope(
    project: Project, receiver: Receiver
) -> None:
    url = f"{receiver.url}/ok"
    distribution = posting(project, url, headers={"x-shop": "7"}, type="order_thanks")
    customer = ada(project, phone="+48 600 100 200")
    [event_id] = tell(project, order_event(customer))

    send()
    assert deliver() == 1

    [got] = receiver.got
    body = json.loads(got.body)
    delivery = Delivery.objects.get()
    assert body["data"].pop("customer")["phone"] == "+48 600 100 200"
    assert body == {
        "id": delivery.pk,
        "project_id": project.pk,
        "created_at": "2026-03-10T12:00:00.000Z",
        "type": "order_thanks",
        "data": {
            "referrer": None,
            "redemption": None,
            "order": {"id": "ord_1", "object": "order", "items": [], "metadata": {}},
        },
        "source": {
            "id": distribution.pk,
            "object": "distribution",
            "target_url": url,
        },
        "event": {
            "id": "evcus_" + event_id.removeprefix("ev_"),
            "type": "customer.order.paid",
            "created_at": "2026-03-10T12:00:00.000Z",
            "entity_id": "ord_1",
            "group_id": DomainEvent.objects.get(pk=event_id).group_id,
            "event_source": {"channel": "INTERNAL"},
        },
    }
    assert got.headers["x-voucherify-signature"] == signature(
        got.body, secret_of(project, now=NOW)
    )
    assert got.headers["x-shop"] == "7"
    assert states(distribution) == [("WEBHOOK", "SENT", "")]


def test_a_designed_payload_becomes_the_data(
    project: Project, receiver: Receiver
) -> None:
    design = '{"who": "{{customer.name}}", "spent": {{order.nothing}}}'
    posting(project, f"{receiver.url}/ok", payload=design)
    tell(project, order_event(ada(project)))

    send()
    deliver()

    body = json.loads(receiver.got[0].body)
    assert body["data"] == {"who": "Ada", "spent": None}
    assert body["type"] == "customer.order.paid"


def test_a_raw_payload_is_the_whole_body_and_signed(
    project: Project, receiver: Receiver
) -> None:
    design = '{"profile": {"email": "{{customer.email}}"}}'
    posting(project, f"{receiver.url}/ok", payload=design, raw=True)
    tell(project, order_event(ada(project)))

    send()
    deliver()

    [got] = receiver.got
    assert got.body == '{"profile":{"email":"ada@example.com"}}'
    assert got.headers["x-voucherify-signature"] == signature(
        got.body, secret_of(project, now=NOW)
    )


def test_what_is_taken_at_the_second_attempt_is_sent(
    project: Project, receiver: Receiver
) -> None:
    receiver.status = 503
    distribution = posting(project, f"{receiver.url}/switch")
    tell(project, order_event(ada(project)))
    send()

    deliver()
    trying = states(distribution)
    receiver.status = 200
    deliver(NOW + RETRIES[0])

    first, second = receiver.bodies("/switch")
    assert trying == [("WEBHOOK", "SENDING", "trying_again")]
    assert first == second
    assert states(distribution) == [("WEBHOOK", "SENT", "")]
    assert DistributionMessage.objects.get().attempts_made == 2


def test_after_the_last_retry_the_distribution_is_paused(
    project: Project, receiver: Receiver
) -> None:
    distribution = posting(project, f"{receiver.url}/500")
    tell(project, order_event(ada(project)))
    send()

    for moment in [NOW, *(NOW + each for each in RETRIES)]:
        assert deliver(moment) == 1

    stored = Distribution.objects.get()
    assert states(distribution) == [("WEBHOOK", "FAILED", "not_delivered")]
    assert (stored.status, stored.paused_reason) == ("PAUSED", "webhook_exhausted")
    assert Webhook.objects.get().active is False


def test_administrators_are_told_once_that_it_is_paused(
    project: Project, receiver: Receiver
) -> None:
    sign_in(project, "ADMIN")
    posting(project, f"{receiver.url}/500")
    tell(project, order_event(ada(project)))
    send()
    for moment in [NOW, *(NOW + each for each in RETRIES)]:
        deliver(moment)

    told = [send_notices(now=NOW) for _ in range(2)]

    [letter] = mail.outbox
    assert told == [1, 0]
    assert letter.subject == f"A distribution of {project.name} has been paused"
    assert 'The webhook of the distribution "Thank you"' in letter.body


def test_a_paused_distribution_sends_what_it_owes_once_it_is_resumed(
    project: Project, receiver: Receiver
) -> None:
    distribution = posting(project, f"{receiver.url}/ok")
    tell(project, order_event(ada(project)))
    send()
    pause(distribution, now=NOW)

    while_paused = deliver()
    resume(distribution, now=NOW)

    assert while_paused == 0
    assert deliver() == 1
    assert states(distribution) == [("WEBHOOK", "SENT", "")]


def test_a_target_within_the_network_is_not_called(
    project: Project, receiver: Receiver, settings: Any
) -> None:
    posting(project, f"{receiver.url}/ok")
    tell(project, order_event(ada(project)))
    send()
    settings.WEBHOOK_ALLOWED_NETWORKS = []

    deliver()

    assert receiver.got == []


def test_a_changed_target_is_called_by_what_waits_already(
    project: Project, receiver: Receiver
) -> None:
    distribution = posting(project, f"{receiver.url}/500")
    tell(project, order_event(ada(project)))
    send()
    content = {"target_url": f"{receiver.url}/ok"}
    channels = [{"type": "WEBHOOK", "content": content}]
    update_distribution(distribution, now=NOW, channels=channels)

    deliver()

    assert [got.path for got in receiver.got] == ["/ok"]


def test_passing_on_twice_makes_one_sendout(
    project: Project, receiver: Receiver
) -> None:
    distribution = posting(project, f"{receiver.url}/ok")
    tell(project, order_event(ada(project)))
    send()
    row = DistributionMessage.objects.get()

    DistributionMessage.objects.update(state="WAITING")
    send()

    assert Delivery.objects.get().message_id == row.pk
    assert states(distribution) == [("WEBHOOK", "SENDING", "")]


@pytest.mark.parametrize(
    ("content", "path", "problem"),
    [
        ({}, ".target_url", "must be string"),
        ({"target_url": "nowhere"}, ".target_url", "must be an http or https URL"),
        (
            {"target_url": "http://10.0.0.1/"},
            ".target_url",
            "must not lead to 10.0.0.1, which is not a public address",
        ),
        ({"headers": []}, ".headers", "must be object"),
        ({"headers": {"x-a": 1}}, ".headers.x-a", "must be string"),
        (
            {"headers": {"X-A": "1"}},
            ".headers",
            "must have names of a-z, 0-9 and dashes, X-A is none",
        ),
        ({"headers": {"host": "x"}}, ".headers", "must NOT set host"),
        ({"type": 7}, ".type", "must be a text of at most 100 characters"),
        (
            {"payload": "]"},
            ".payload",
            "must be JSON, found none at line 1: Expecting value",
        ),
        (
            {"payload": '{"a": "{{b"}'},
            ".payload.a",
            "must close every placeholder with }}, found {{b",
        ),
        ({"payload": {}}, ".payload", "must be a text of at most 20000 characters"),
        ({"raw": "yes"}, ".raw", "must be boolean"),
        ({"raw": True}, ".raw", "needs a payload, which is the whole body"),
        ({"url": "x"}, ".url", "is not known here"),
    ],
)
def test_a_content_that_cannot_be_sent_is_refused_by_its_path(
    content: dict[str, Any], path: str, problem: str
) -> None:
    whole = content if content == {} else {"target_url": "https://a.example", **content}

    with pytest.raises(ContentRefused) as refused:
        WebhookChannel().check(whole)

    assert (refused.value.path, refused.value.problem) == (path, problem)


def test_a_channel_that_is_taken_away_takes_its_webhook_along(
    project: Project, cards: Any
) -> None:
    delay = {"type": "AFTER", "value": 1, "unit": "HOUR"}
    distribution = running(project)
    tell(project, order_event(ada(project)))
    send()
    update_distribution(distribution, now=NOW, delay=delay)
    tell(project, order_event(ada(project), order_id="ord_2"))
    postcard = {"type": "POSTCARD", "content": {"text": "Hello"}}

    update_distribution(distribution, now=NOW, channels=[postcard])
    send(NOW + timedelta(hours=1))

    assert Webhook.objects.count() == 0
    assert states(distribution) == [("WEBHOOK", "CANCELED", "channel_gone")] * 2


def test_a_message_whose_event_is_gone_is_canceled(
    project: Project, receiver: Receiver
) -> None:
    distribution = posting(project, f"{receiver.url}/ok")
    tell(project, order_event(ada(project)), order_event(ada(project), order_id="o2"))
    row = DistributionMessage.objects.order_by("pk")[0]
    DistributionMessage.objects.exclude(pk=row.pk).update(due_at=NOW + GRACE)
    send()
    DomainEvent.objects.all().delete()

    deliver()
    send(NOW + GRACE)

    assert receiver.got == []
    assert states(distribution) == [("WEBHOOK", "CANCELED", "event_gone")] * 2


def test_a_sendout_that_is_sent_again_sends_its_message(
    project: Project, receiver: Receiver
) -> None:
    receiver.status = 500
    distribution = posting(project, f"{receiver.url}/switch")
    tell(project, order_event(ada(project)))
    send()
    for moment in [NOW, *(NOW + each for each in RETRIES)]:
        deliver(moment)
    failed = states(distribution)
    later = NOW + timedelta(days=2)
    resume(distribution, now=later)
    receiver.status = 200

    replay(project, [Delivery.objects.get().pk], now=later)
    deliver(later)

    assert failed == [("WEBHOOK", "FAILED", "not_delivered")]
    assert states(distribution) == [("WEBHOOK", "SENT", "")]
