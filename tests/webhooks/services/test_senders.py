"""Several relays and senders at once, each on a connection of its own."""

import json
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from promo.outbox.events import Event, emit
from promo.outbox.relay import make_shards, publish_batch
from promo.tenancy.models import Project
from tests.factories.tenancy import NOW, ProjectFactory
from tests.factories.webhooks import id_of, webhook
from tests.fixtures.receiver import Receiver
from tests.races import at_once
from webhooks.models import Delivery, Status
from webhooks.services.delivering import deliver_due

pytestmark = pytest.mark.django_db(transaction=True)


def tell(project: Project, name: str) -> None:
    about = {"id": id_of(name), "object": "customer"}
    event = Event(
        type="customer.updated",
        entity_id=id_of(name),
        customer_id=id_of(name),
        payload={"customer": about},
    )
    with transaction.atomic():
        emit(project, [event], now=NOW)


@transaction.atomic
def tell_and_fail(project: Project) -> None:
    tell(project, "nobody")
    raise ConnectionError


def relay() -> None:
    while publish_batch(now=NOW, size=5, shards=3):
        pass


def send() -> int:
    return deliver_due(clock=lambda: NOW, at_most=timedelta(minutes=1))


def test_everything_committed_arrives_once_and_in_order(receiver: Receiver) -> None:
    make_shards()
    project = ProjectFactory.create()
    webhook(project, f"{receiver.url}/ok")
    names = [f"c{number}" for number in range(6)]
    for _ in range(5):
        for name in names:
            tell(project, name)
    with pytest.raises(ConnectionError):
        tell_and_fail(project)

    at_once(relay, relay)
    relay()
    sent = at_once(*[partial(send)] * 3)
    rest = send()

    arrived = [json.loads(body)["event"] for body in receiver.bodies()]
    assert sum(sent) + rest == len(arrived) == 30
    assert len({each["id"] for each in arrived}) == 30
    for name in names:
        own = [each["id"] for each in arrived if each["entity_id"] == id_of(name)]
        assert own == sorted(own)
        assert len(own) == 5
    assert set(Delivery.objects.values_list("status", flat=True)) == {Status.SUCCEEDED}
