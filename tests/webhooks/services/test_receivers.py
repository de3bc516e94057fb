"""Receivers written by either recipe accept what arrives, and nothing else."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook as Standard
from standardwebhooks import WebhookVerificationError

from promo.clock import utc_now
from promo.outbox.events import Event, emit
from promo.outbox.relay import publish_batch
from promo.tenancy.models import Project
from tests.factories.webhooks import webhook
from tests.fixtures.receiver import Got, Receiver
from webhooks.services.delivering import deliver_due
from webhooks.services.secrets import rotate_secret, secret_of

pytestmark = [pytest.mark.django_db, pytest.mark.made_up_events]

TRICKY: dict[str, Any] = {
    "name": 'Zażółć "gęślą" \\ jaźń \u2028 €',
    "metadata": {"b": 1, "10": "ten", "2": "two", "empty": {}, "list": [1, 2.5, None]},
    "address": None,
    "rules": {"1": {"conditions": {"$is": [True]}}, "logic": "1"},
}


def arrived(project: Project, receiver: Receiver) -> Got:
    """Tell of a customer whose data is awkward to sign; return what arrives."""
    webhook(project, f"{receiver.url}/ok")
    now = utc_now()
    customer = {"id": "cust_1", "object": "customer", **TRICKY}
    emit(
        project,
        [Event(type="customer.created", payload={"customer": customer})],
        now=now,
    )
    publish_batch(now=now)
    deliver_due(clock=utc_now, at_most=timedelta(minutes=1))
    [got] = receiver.got
    return got


def accepts_as_documented(got: Got, secret: str) -> bool:
    """Read the body, write it again compactly, and compare the hexadecimal digests."""
    payload = json.loads(got.body)
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(digest, got.headers["x-voucherify-signature"])


def accepts_as_standard(got: Got, secret: str) -> bool:
    try:
        Standard(secret).verify(got.body, got.headers)
    except WebhookVerificationError:
        return False
    return True


RECIPES = [accepts_as_documented, accepts_as_standard]


@pytest.mark.parametrize("accepts", RECIPES)
def test_what_arrives_is_accepted(
    project: Project, receiver: Receiver, accepts: Any
) -> None:
    got = arrived(project, receiver)

    assert accepts(got, secret_of(project, now=utc_now()))
    assert json.loads(got.body)["data"]["customer"]["name"] == TRICKY["name"]


@pytest.mark.parametrize("accepts", RECIPES)
def test_what_was_changed_on_its_way_is_refused(
    project: Project, receiver: Receiver, accepts: Any
) -> None:
    got = arrived(project, receiver)

    forged = Got(got.path, got.headers, got.body.replace("two", "one"))

    assert not accepts(forged, secret_of(project, now=utc_now()))


@pytest.mark.parametrize("accepts", RECIPES)
def test_what_another_project_signed_is_refused(
    project: Project, other_project: Project, receiver: Receiver, accepts: Any
) -> None:
    got = arrived(project, receiver)

    assert not accepts(got, secret_of(other_project, now=utc_now()))


def test_a_receiver_may_learn_of_a_new_secret_later(
    project: Project, receiver: Receiver
) -> None:
    before = secret_of(project, now=utc_now())
    fresh = rotate_secret(project, now=utc_now())

    got = arrived(project, receiver)

    assert accepts_as_standard(got, before)
    assert accepts_as_standard(got, fresh)
    assert accepts_as_documented(got, fresh)
    assert not accepts_as_documented(got, before)
