"""Sending to a receiver over real TCP: what arrives, and what happens otherwise."""

import json
import socket
from datetime import datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook as Standard

from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.tenancy import NOW
from tests.factories.webhooks import customer_created, id_of, webhook
from tests.fixtures.receiver import Receiver
from tests.fixtures.serving import free_port
from webhooks.engine.schedule import RETRIES
from webhooks.engine.signing import signature
from webhooks.models import Attempt, Delivery, Status, Webhook
from webhooks.services import sending
from webhooks.services.delivering import deliver_due
from webhooks.services.secrets import rotate_secret, secret_of
from webhooks.services.webhook import update_webhook

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _little_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", timedelta(seconds=2))


def deliver(now: datetime = NOW) -> int:
    return deliver_due(clock=lambda: now, at_most=timedelta(minutes=1))


def whose(body: str) -> str:
    about: str = json.loads(body)["event"]["entity_id"]
    return about


def only(**fields: Any) -> Delivery:
    return Delivery.objects.get(**fields)


def test_an_event_arrives_signed_in_its_envelope(
    project: Project, receiver: Receiver
) -> None:
    hook = webhook(project, f"{receiver.url}/ok", headers={"X-Shop": "7"})
    [event_id] = customer_created(project, "ada")

    assert deliver() == 1

    [got] = receiver.got
    delivery = only()
    assert json.loads(got.body) == {
        "id": delivery.pk,
        "project_id": project.pk,
        "created_at": "2026-03-10T12:00:00.000Z",
        "type": "customer.created",
        "data": {"customer": {"id": id_of("ada"), "object": "customer"}},
        "source": {
            "id": hook.pk,
            "object": "webhook",
            "target_url": f"{receiver.url}/ok",
        },
        "event": {
            "id": "evcus_" + event_id.removeprefix("ev_"),
            "type": "customer.created",
            "created_at": "2026-03-10T12:00:00.000Z",
            "entity_id": id_of("ada"),
            "group_id": DomainEvent.objects.get(pk=event_id).group_id,
            "event_source": {"channel": "INTERNAL"},
        },
    }
    assert got.headers["x-voucherify-signature"] == signature(
        got.body, secret_of(project, now=NOW)
    )
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-shop"] == "7"
    assert got.headers["webhook-id"] == delivery.pk
    assert delivery.status == Status.SUCCEEDED


def test_the_log_says_what_was_sent_and_answered(
    project: Project, receiver: Receiver
) -> None:
    webhook(project, f"{receiver.url}/ok", headers={"authorization": "secret"})
    customer_created(project, "ada")

    deliver()

    attempt = Attempt.objects.get()
    assert (attempt.status_code, attempt.response_body) == (200, "noted")
    assert attempt.request_headers["authorization"] == "***"
    assert attempt.request_headers["webhook-id"] == only().pk
    assert "secret" not in str(attempt.request_headers)


@pytest.mark.parametrize(
    ("path", "status_code", "error"),
    [
        ("/500", 500, ""),
        ("/redirect", 302, ""),
        ("/silent", None, "No whole answer within"),
        ("/drip", None, "No whole answer within"),
        ("/half", None, "The connection broke"),
        ("/cut", None, "The connection broke"),
        ("/short", None, "The connection broke"),
    ],
)
def test_what_is_no_success_is_tried_again_a_minute_later(
    project: Project, receiver: Receiver, path: str, status_code: int, error: str
) -> None:
    hook = webhook(project, receiver.url + path)
    customer_created(project, "ada")

    assert deliver() == 1

    delivery, attempt = only(), Attempt.objects.get()
    assert (delivery.status, delivery.due_at) == (Status.PENDING, NOW + RETRIES[0])
    assert attempt.status_code == status_code
    assert attempt.error.startswith(error)
    assert bool(attempt.error) is bool(error)
    assert receiver.bodies("/ok") == []
    hook.refresh_from_db()
    assert (hook.failures, hook.active) == (1, True)


def test_a_receiver_that_is_down_gets_it_later_with_the_same_id_and_body(
    project: Project, receiver: Receiver
) -> None:
    receiver.status = 503
    webhook(project, f"{receiver.url}/switch")
    customer_created(project, "ada")

    deliver()
    receiver.status = 202
    deliver(NOW + RETRIES[0])

    first, second = receiver.bodies("/switch")
    assert first == second
    assert only().status == Status.SUCCEEDED
    assert Webhook.objects.get().failures == 0


def test_nobody_listening_is_said_so(project: Project, receiver: Receiver) -> None:
    webhook(project, f"http://127.0.0.1:{free_port()}/")
    customer_created(project, "ada")

    deliver()

    assert Attempt.objects.get().error == "The connection was refused or not answered"


def test_of_a_large_answer_a_part_is_kept(project: Project, receiver: Receiver) -> None:
    webhook(project, f"{receiver.url}/big")
    customer_created(project, "ada")

    deliver()

    assert only().status == Status.SUCCEEDED
    assert Attempt.objects.get().response_body == "x" * 4_096


def test_a_target_on_this_machine_is_refused_unless_allowed(
    project: Project, receiver: Receiver, settings: Any
) -> None:
    webhook(project, f"{receiver.url}/ok")
    customer_created(project, "ada")
    settings.WEBHOOK_ALLOWED_NETWORKS = []

    deliver()

    assert receiver.got == []
    assert Attempt.objects.get().error == (
        "The target must not lead to 127.0.0.1, which is not a public address"
    )


def test_a_name_that_leads_elsewhere_later_leads_nowhere(
    project: Project, receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    port = int(receiver.url.rpartition(":")[2])
    settings.WEBHOOK_ALLOWED_NETWORKS = []

    def look_up(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    webhook(project, f"http://rebinding.example:{port}/ok")
    customer_created(project, "ada")
    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    deliver()

    assert asked == ["rebinding.example"]
    assert receiver.got == []
    assert Attempt.objects.get().error.startswith("The target must not lead to 127.")


def test_the_connection_goes_to_the_address_that_was_checked(
    project: Project, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(receiver.url.rpartition(":")[2])
    known = {"shop.example": "127.0.0.1"}
    real = socket.getaddrinfo

    def look_up(host: str, *rest: Any, **named: Any) -> Any:
        return real(known.pop(host, host), *rest, **named)

    webhook(project, f"http://shop.example:{port}/ok")
    customer_created(project, "ada")
    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    deliver()

    [got] = receiver.got
    assert got.headers["host"] == f"shop.example:{port}"
    assert known == {}


def test_a_key_keeps_its_order_while_others_go_ahead(
    project: Project, receiver: Receiver
) -> None:
    receiver.status = 500
    webhook(project, f"{receiver.url}/switch")
    customer_created(project, "ada", "ada", "bob")

    deliver()
    refused = [whose(each) for each in receiver.bodies("/switch")]
    receiver.status = 200
    receiver.got.clear()
    deliver(NOW + RETRIES[0])

    arrived = receiver.bodies("/switch")
    of_ada = [
        json.loads(each)["event"]["id"]
        for each in arrived
        if whose(each) == id_of("ada")
    ]
    assert sorted(refused) == sorted([id_of("ada"), id_of("bob")])
    assert len(arrived) == 3
    assert of_ada == sorted(of_ada)


def test_after_the_last_retry_the_webhook_is_switched_off(
    project: Project, receiver: Receiver
) -> None:
    hook = webhook(project, f"{receiver.url}/500")
    customer_created(project, "ada")
    moments = [NOW, *(NOW + each for each in RETRIES)]

    for moment in moments:
        assert deliver(moment) == 1

    hook.refresh_from_db()
    assert only().status == Status.FAILED
    assert (hook.active, hook.disabled_at) == (False, moments[-1])
    assert len(receiver.got) == len({each.body for each in receiver.got}) + 12
    customer_created(project, "bob")
    assert Delivery.objects.count() == 1


def test_an_endpoint_that_keeps_failing_is_tried_with_one_sendout_at_a_time(
    project: Project, receiver: Receiver
) -> None:
    receiver.status = 500
    webhook(project, f"{receiver.url}/switch")
    customer_created(project, *(f"c{n}" for n in range(30)))

    sent = deliver()
    paused = Webhook.objects.get().paused_until
    again = deliver()
    assert paused is not None
    probe = deliver(paused)
    receiver.status = 200
    rest = deliver(NOW + timedelta(minutes=10))

    assert 5 <= sent <= 12
    assert (again, probe, rest) == (0, 1, 30)
    assert Webhook.objects.get().paused_until is None


def test_a_dead_receiver_does_not_hold_up_another(
    project: Project, receiver: Receiver
) -> None:
    webhook(project, f"{receiver.url}/silent")
    webhook(project, f"{receiver.url}/ok")
    customer_created(project, *(f"c{n}" for n in range(40)))

    deliver()

    assert len(receiver.bodies("/ok")) == 40
    assert len(receiver.bodies("/silent")) < 20


def test_a_webhook_gets_the_events_it_asks_for(
    project: Project, receiver: Receiver
) -> None:
    webhook(project, f"{receiver.url}/ok", "voucher.gift.balance_aded")
    webhook(project, f"{receiver.url}/other", "customer.created")
    webhook(project, f"{receiver.url}/off", active=False)
    customer_created(project, "ada")

    deliver()

    assert [each.path for each in receiver.got] == ["/other"]


def test_a_sendout_whose_event_is_gone_is_canceled(
    project: Project, receiver: Receiver
) -> None:
    webhook(project, f"{receiver.url}/ok")
    customer_created(project, "ada")
    DomainEvent.objects.all().delete()

    assert deliver() == 0

    assert only().status == Status.CANCELED
    assert receiver.got == []


def test_a_changed_secret_signs_at_once_and_the_one_before_for_a_day(
    project: Project, receiver: Receiver
) -> None:
    webhook(project, f"{receiver.url}/ok")
    before = secret_of(project, now=NOW)
    fresh = rotate_secret(project, now=NOW)
    customer_created(project, "ada")

    deliver(NOW + timedelta(hours=23))
    customer_created(project, "bob")
    deliver(NOW + timedelta(hours=25))

    first, second = receiver.got
    assert first.headers["x-voucherify-signature"] == signature(first.body, fresh)
    assert len(first.headers["webhook-signature"].split()) == 2
    assert (
        Standard(before).sign(
            first.headers["webhook-id"], NOW + timedelta(hours=23), first.body
        )
        in first.headers["webhook-signature"]
    )
    assert len(second.headers["webhook-signature"].split()) == 1


def test_a_webhook_that_is_switched_on_again_gets_what_it_is_owed(
    project: Project, receiver: Receiver
) -> None:
    hook = webhook(project, f"{receiver.url}/ok")
    customer_created(project, "ada")
    update_webhook(hook, now=NOW, active=False)

    assert deliver() == 0
    update_webhook(hook, now=NOW, active=True)
    assert deliver() == 1
