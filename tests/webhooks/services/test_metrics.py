"""What Prometheus is told of sendouts, and of webhooks that do not take theirs."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from promo.clock import utc_now
from promo.tenancy.models import Project
from tests.admin_site import statements_of
from tests.factories.tenancy import NOW
from tests.factories.webhooks import customer_created, webhook
from tests.fixtures.receiver import Receiver
from tests.promo.metrics.counted import counted, shown
from webhooks.engine.schedule import FAILURES_IN_A_ROW, RETRIES
from webhooks.models import Delivery, Webhook
from webhooks.services.delivering import deliver_due
from webhooks.services.gauges import read_gauges
from webhooks.services.webhook import update_webhook

pytestmark = pytest.mark.django_db(transaction=True)
ATTEMPTS = "promo_webhook_attempts_total"
SECONDS = "promo_webhook_attempt_seconds_count"


def deliver(now: datetime) -> int:
    return deliver_due(clock=lambda: now, at_most=timedelta(minutes=1))


def gauges() -> dict[tuple[str, ...], float]:
    return shown(Client().get("/metrics").content.decode())


def test_what_is_owed_is_told_with_its_age(
    project: Project, receiver: Receiver
) -> None:
    webhook(project, f"{receiver.url}/500")
    customer_created(project, "ada", "bob")
    deliver(NOW)
    customer_created(project, "eve")
    Delivery.objects.filter(attempts_made=0).update(
        created_at=utc_now() - timedelta(minutes=5)
    )
    Delivery.objects.filter(attempts_made=1).update(
        created_at=utc_now() - timedelta(hours=1)
    )

    found = gauges()

    assert found["promo_webhook_sendouts", "waiting"] == 1
    assert found["promo_webhook_sendouts", "failing"] == 2
    assert 3_600 <= found["promo_webhook_sendouts_oldest_seconds",] < 3_700
    assert found["promo_reader_up", "webhooks.services.gauges"] == 1


def test_nothing_is_owed_by_an_empty_installation(db: None) -> None:
    found = gauges()

    assert found["promo_webhook_sendouts", "waiting"] == 0
    assert found["promo_webhook_sendouts", "failing"] == 0
    assert found["promo_webhook_sendouts_oldest_seconds",] == 0
    assert found["promo_webhooks", "paused"] == 0
    assert found["promo_webhooks", "switched_off"] == 0


def test_what_waits_for_a_person_is_not_told_as_owed(
    project: Project, receiver: Receiver
) -> None:
    hook = webhook(project, f"{receiver.url}/ok")
    customer_created(project, "ada")
    update_webhook(hook, now=NOW, active=False)

    found = gauges()

    assert Delivery.objects.pending().count() == 1
    assert found["promo_webhook_sendouts", "waiting"] == 0
    assert found["promo_webhook_sendouts_oldest_seconds",] == 0
    assert found["promo_webhooks", "switched_off"] == 0


def test_webhooks_that_keep_failing_are_told(
    project: Project, receiver: Receiver
) -> None:
    webhook(project, f"{receiver.url}/ok")
    webhook(project, f"{receiver.url}/500")
    customer_created(project, *(f"c{n}" for n in range(FAILURES_IN_A_ROW)))

    now = utc_now()
    deliver(now)
    paused = gauges()
    for retry in RETRIES:
        Webhook.objects.update(paused_until=None)
        deliver(now + retry)
    off = gauges()

    assert paused["promo_webhooks", "paused"] == 1
    assert paused["promo_webhooks", "switched_off"] == 0
    assert off["promo_webhooks", "paused"] == 0
    assert off["promo_webhooks", "switched_off"] == 1


def test_every_attempt_is_counted_by_what_came_of_it(
    project: Project, receiver: Receiver
) -> None:
    outcomes = ("succeeded", "failed", "given_up")
    before = [counted(ATTEMPTS, outcome=each) for each in outcomes]
    timed = counted(SECONDS)
    webhook(project, f"{receiver.url}/ok")
    webhook(project, f"{receiver.url}/500")
    customer_created(project, "ada")

    for moment in [NOW, *(NOW + retry for retry in RETRIES)]:
        deliver(moment)

    after = [counted(ATTEMPTS, outcome=each) for each in outcomes]
    made = [now - then for now, then in zip(after, before, strict=True)]
    assert made == [1, 12, 1]
    assert counted(SECONDS) == timed + 14


def test_gauges_take_three_statements_whatever_is_owed(
    project: Project, receiver: Receiver
) -> None:
    def read() -> Any:
        return read_gauges()

    for_none = statements_of(read)
    for path in ("ok", "500"):
        webhook(project, f"{receiver.url}/{path}")
    customer_created(project, *(f"c{n}" for n in range(20)))

    assert (for_none, statements_of(read)) == (3, 3)
