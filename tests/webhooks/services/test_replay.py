"""Sending again, testing, telling people, and keeping house."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from promo.errors import InvalidPayload
from promo.tenancy.models import Project
from tests.admin_site import sign_in
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW, ProjectFactory
from tests.factories.webhooks import customer_created, webhook
from tests.fixtures.receiver import Receiver
from webhooks.engine.schedule import RETRIES
from webhooks.models import Attempt, Delivery, Status, Webhook
from webhooks.services.delivering import deliver_due
from webhooks.services.keeping import forget_customer, forget_old_sendouts
from webhooks.services.notices import send_notices
from webhooks.services.replay import replay, replay_since, send_test
from webhooks.services.webhook import update_webhook

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def deliver(now: Any = NOW) -> int:
    return deliver_due(clock=lambda: now, at_most=timedelta(minutes=1))


def ids(receiver: Receiver) -> list[str]:
    return [json.loads(each)["id"] for each in receiver.bodies()]


def test_one_or_some_go_out_again_with_the_same_ids(
    project: Project, receiver: Receiver
) -> None:
    webhook(project, f"{receiver.url}/ok")
    customer_created(project, "ada", "bob", "eve")
    deliver()
    first, second, third = ids(receiver)

    assert replay(project, [first, third], now=LATER) == 2
    assert deliver(LATER) == 2

    assert sorted(ids(receiver)[3:]) == sorted([first, third])
    assert Delivery.objects.get(pk=first).attempts_made == 1
    assert Delivery.objects.get(pk=second).attempts.count() == 1


def test_sendouts_of_others_and_those_on_their_way_stay_as_they_are(
    project: Project, receiver: Receiver
) -> None:
    webhook(project, f"{receiver.url}/ok")
    customer_created(project, "ada")
    pending = Delivery.objects.get()

    assert replay(ProjectFactory.create(), [pending.pk], now=LATER) == 0
    assert replay(project, [pending.pk], now=LATER) == 0

    pending.refresh_from_db()
    assert pending.due_at == NOW


def test_everything_since_a_moment_holds_what_was_missed(
    project: Project, receiver: Receiver
) -> None:
    hook = webhook(project, f"{receiver.url}/ok", "customer.created")
    customer_created(project, "ada")
    deliver()
    update_webhook(hook, now=NOW, active=False)
    customer_created(project, "bob", "eve")
    update_webhook(hook, now=NOW, active=True)

    assert replay_since(hook, NOW, now=LATER) == 3
    assert deliver(LATER) == 3
    assert replay_since(hook, LATER, now=LATER) == 0

    assert len(ids(receiver)) == 4
    assert len(set(ids(receiver))) == 3


def test_a_moment_ahead_is_refused(project: Project, receiver: Receiver) -> None:
    hook = webhook(project, f"{receiver.url}/ok")

    with pytest.raises(InvalidPayload, match=r"\.since must NOT lie ahead"):
        replay_since(hook, LATER, now=NOW)


def test_a_test_goes_out_once(project: Project, receiver: Receiver) -> None:
    hook = webhook(project, f"{receiver.url}/500", "campaign.created")

    made = send_test(hook, event="voucher.gift.balance_aded", now=NOW)
    deliver()

    made.refresh_from_db()
    [got] = receiver.got
    assert json.loads(got.body)["type"] == "voucher.gift.balance_added"
    assert json.loads(got.body)["data"]["campaign"] is None
    assert made.status == Status.FAILED
    assert Webhook.objects.get().active


def test_a_test_of_no_event_is_refused(project: Project, receiver: Receiver) -> None:
    hook = webhook(project, f"{receiver.url}/ok")

    with pytest.raises(InvalidPayload, match=r"\.event must be the name"):
        send_test(hook, event="customer.segment.left", now=NOW)

    assert Delivery.objects.count() == 0


def test_administrators_are_told_once_that_a_webhook_is_off(
    project: Project, receiver: Receiver
) -> None:
    sign_in(project, "ADMIN")
    sign_in(project, "VIEWER")
    webhook(project, f"{receiver.url}/500")
    customer_created(project, "ada")
    for moment in [NOW, *(NOW + each for each in RETRIES)]:
        deliver(moment)

    assert send_notices(now=LATER) == 1
    assert send_notices(now=LATER) == 0

    [letter] = mail.outbox
    assert letter.subject == f"A webhook of {project.name} has been switched off"
    assert f"{receiver.url}/500" in letter.body


def test_old_sendouts_go_and_those_that_are_owed_stay(
    project: Project, receiver: Receiver
) -> None:
    webhook(project, f"{receiver.url}/ok")
    customer_created(project, "ada")
    deliver()
    customer_created(project, "bob")

    assert forget_old_sendouts(NOW + timedelta(days=29)) == 0
    assert forget_old_sendouts(NOW + timedelta(days=31)) == 1

    assert Delivery.objects.get().status == Status.PENDING


def test_a_person_is_forgotten_in_what_receivers_answered(
    project: Project, receiver: Receiver
) -> None:
    ada = CustomerFactory.create(project=project, source_id="ada", email="ada@x.com")
    webhook(project, f"{receiver.url}/ok")
    customer_created(project, "bob", "eve")
    deliver()
    first, second = Attempt.objects.all()
    Attempt.objects.filter(pk=first.pk).update(response_body="noted ada@x.com")

    assert forget_customer(ada, now=NOW) == {}

    answers = Attempt.objects.order_by("pk").values_list("response_body", flat=True)
    assert list(answers) == ["", "noted"]
    assert second.response_body == "noted"
