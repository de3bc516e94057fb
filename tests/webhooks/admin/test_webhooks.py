"""Webhooks at the dashboard: created, tested, read and sent again."""

from datetime import timedelta
from typing import Any

import pytest

from promo.clock import utc_now
from promo.tenancy.models import Project
from tests.admin_site import (
    address,
    errors_of,
    messages_of,
    rows_of,
    sign_in,
    text_of,
)
from tests.factories.tenancy import NOW, ProjectFactory
from tests.factories.webhooks import customer_created, webhook
from tests.fixtures.receiver import Receiver
from webhooks.models import Attempt, Delivery, Status, Webhook
from webhooks.services.delivering import deliver_due
from webhooks.services.secrets import secret_of

pytestmark = pytest.mark.django_db
URL = "https://shop.example/hooks"


def deliver() -> int:
    return deliver_due(clock=utc_now, at_most=timedelta(minutes=1))


def test_a_webhook_is_created_and_changed(project: Project) -> None:
    person = sign_in(project, "ADMIN")

    made = person.add(
        Webhook,
        target_url=URL,
        active="on",
        events=["redemption.succeeded"],
        headers="x-shop: 7\nauthorization: Bearer x",
    )
    hook = Webhook.objects.get()
    changed = person.change(
        hook, target_url=URL, all_events="on", headers="", active="on"
    )

    assert (made.status_code, changed.status_code) == (302, 302)
    assert hook.events == ["redemption.succeeded"]
    assert hook.headers == {"x-shop": "7", "authorization": "Bearer x"}
    hook.refresh_from_db()
    assert (hook.all_events, hook.headers) == (True, {})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"target_url": "http://127.0.0.1/"}, "target_url"),
        ({"events": []}, "events"),
        ({"headers": "no colon"}, "headers"),
        ({"headers": "host: x"}, "headers"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(
    project: Project, values: dict[str, Any], field: str
) -> None:
    sent = {"target_url": URL, "events": ["voucher.created"], **values}

    answer = sign_in(project, "ADMIN").add(Webhook, **sent)

    assert field in errors_of(answer)
    assert Webhook.objects.count() == 0


def test_a_test_is_sent_and_seen(project: Project, receiver: Receiver) -> None:
    hook = webhook(project, f"{receiver.url}/500")
    person = sign_in(project, "ADMIN")

    answer = person.run(hook, "test", event="campaign.created")
    deliver()

    delivery = Delivery.objects.get()
    page = text_of(person.open(delivery))
    assert answer.status_code == 302
    assert messages_of(answer) == ["The test is on its way."]
    assert rows_of(person.list(Delivery)) == [delivery]
    assert "500 noted" in page
    assert "Failed" in page
    assert "(&#x27;" not in page
    assert "webhook-signature: v1," in page
    assert "campaign_test" in page


def test_a_failed_sendout_is_sent_again(project: Project, receiver: Receiver) -> None:
    receiver.status = 500
    hook = webhook(project, f"{receiver.url}/switch")
    customer_created(project, "ada", "bob")
    Delivery.objects.update(status=Status.FAILED)
    first, second = Delivery.objects.order_by("event_id")
    person = sign_in(project, "ADMIN")

    person.run(first, "requeue")
    told = person.run_on([second], "requeue_selected")
    receiver.status = 200
    sent = deliver()

    assert sent == 2
    assert messages_of(told)[-1] == "1 delivery requeued."
    assert set(Delivery.objects.values_list("status", flat=True)) == {Status.SUCCEEDED}
    assert Attempt.objects.count() == 2
    assert hook.deliveries.count() == 2


def test_everything_of_a_day_is_sent_again(
    project: Project, receiver: Receiver
) -> None:
    hook = webhook(project, f"{receiver.url}/ok")
    customer_created(project, "ada")

    answer = sign_in(project, "ADMIN").run(hook, "replay", hours="24")

    assert messages_of(answer) == ["0 sendouts go out again."]


def test_a_changed_secret_is_shown_once(project: Project) -> None:
    hook = webhook(project, URL)

    answer = sign_in(project, "ADMIN").run(hook, "rotate")

    assert secret_of(project, now=NOW) in text_of(answer)
    assert answer["Cache-Control"].startswith("max-age=0, no-cache")


def test_others_see_nothing_of_it(project: Project) -> None:
    hook = webhook(project, URL)
    theirs = webhook(ProjectFactory.create(), URL)

    for role in ("USER", "VIEWER", "MERCHANT"):
        person = sign_in(project, role)
        assert person.list(Webhook).status_code == 403
        assert person.open(hook).status_code == 403
    person = sign_in(project, "ADMIN")
    assert person.open(theirs).status_code in {302, 404}
    assert rows_of(person.list(Webhook)) == [hook]
    assert person.client.get(address(Webhook, "add")).status_code == 200
