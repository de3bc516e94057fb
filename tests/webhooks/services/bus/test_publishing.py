"""Publishing to brokers over real TCP: what arrives, in which order, how often."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import pytest
from django.db import transaction

from promo.outbox.events import Event, emit
from promo.outbox.models import DomainEvent
from promo.outbox.relay import publish_batch
from promo.tenancy.models import Project
from tests.factories.tenancy import NOW, ProjectFactory
from tests.factories.webhooks import customer_created, id_of
from tests.fixtures.kafka import (
    AFTER_APPEND,
    NOT_ENOUGH_REPLICAS,
    PRODUCE,
    TIMED_OUT,
    TOO_LARGE,
    Got,
    Kafka,
)
from tests.races import at_once
from webhooks.models import BusBatch, BusShard
from webhooks.services.bus import producing
from webhooks.services.bus.backlog import backlog
from webhooks.services.bus.producing import Bus
from webhooks.services.bus.publishing import Published, make_shards, publish_waiting
from webhooks.wire.async_api import document

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    make_shards()
    made: Project = ProjectFactory.create()
    return made


@pytest.fixture
def bus(kafka: Kafka) -> Iterator[Bus]:
    made = Bus()
    yield made
    made.close()


def topic(project: Project) -> str:
    return f"promo.{project.pk}.events.v1"


def assert_fits_the_document(got: Got) -> None:
    """Hold a record to what the AsyncAPI document says of it."""
    components = json.loads(json.dumps(document()["components"], default=dict))
    message = components["messages"]["bus.customer.created"]
    for schema, told in (
        (message["payload"], json.loads(got.value)),
        (message["headers"], got.headers),
    ):
        jsonschema_rs.Draft7Validator({**schema, "components": components}).validate(
            told
        )


def publish(bus: Bus) -> Published:
    return publish_waiting(bus, now=NOW)


def publish_all(bus: Bus) -> None:
    for _ in range(20):
        if backlog(100).waiting == 0:
            return
        publish(bus)
    pytest.fail(f"Still waiting: {backlog(100)}")


def ids(got: list[Got]) -> list[str]:
    return [each.headers["ce_id"] for each in got]


def test_a_committed_event_arrives_with_its_key_headers_and_data(
    kafka: Kafka, bus: Bus, project: Project
) -> None:
    [event_id] = customer_created(project, "ada")

    assert publish(bus) == Published(1, 0)

    [got] = kafka.read(topic(project), count=1)
    assert got.key == id_of("ada")
    assert json.loads(got.value) == {
        "customer": {"id": id_of("ada"), "object": "customer"}
    }
    assert_fits_the_document(got)
    sequence = got.headers.pop("ce_sequence")
    assert len(sequence) == 24
    assert got.headers.pop("ce_traceparent").startswith("00-")
    assert got.headers == {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_type": "promo.customer.created.v1",
        "ce_source": f"http://127.0.0.1:8000/projects/{project.pk}",
        "ce_subject": id_of("ada"),
        "ce_time": "2026-03-10T12:00:00.000Z",
        "ce_partitionkey": id_of("ada"),
        "ce_projectid": project.pk,
        "ce_dataschema": "http://127.0.0.1:8000/asyncapi.json"
        "#/components/schemas/bus.customer.created",
    }
    assert not BusBatch.objects.exists()


def test_what_was_rolled_back_is_never_published(
    kafka: Kafka, bus: Bus, project: Project
) -> None:
    _in_vain(lambda: customer_created(project, "lost"))
    [kept] = customer_created(project, "kept")

    publish_all(bus)

    assert ids(kafka.read(topic(project), count=1)) == [kept]


def test_structured_mode_puts_everything_into_the_value(
    kafka: Kafka, bus: Bus, project: Project, settings: Any
) -> None:
    settings.KAFKA_EVENTS_MODE = "structured"
    settings.KAFKA_EVENTS_TOPIC = "promo.events.{aggregate}.v1"
    [event_id] = customer_created(project, "ada")

    publish_all(bus)

    [got] = kafka.read("promo.events.customer.v1", count=1)
    told = json.loads(got.value)
    assert got.headers == {
        "content-type": "application/cloudevents+json; charset=UTF-8"
    }
    assert (told["id"], told["type"]) == (event_id, "promo.customer.created.v1")
    assert told["data"] == {"customer": {"id": id_of("ada"), "object": "customer"}}


def test_a_relay_that_dies_between_answer_and_mark_sends_the_same_id_again(
    kafka: Kafka, bus: Bus, project: Project
) -> None:
    [event_id] = customer_created(project, "ada")

    _in_vain(lambda: publish(bus))
    assert backlog(100).waiting == 1
    publish_all(bus)

    assert ids(kafka.read(topic(project), count=2)) == [event_id, event_id]


@pytest.mark.parametrize("code", [NOT_ENOUGH_REPLICAS, AFTER_APPEND, TIMED_OUT])
def test_errors_that_pass_lose_nothing_and_change_no_order(
    kafka: Kafka, bus: Bus, project: Project, code: int
) -> None:
    kafka.topic(topic(project))
    told = customer_created(project, *["ada"] * 30)
    kafka.fail(PRODUCE, code, code)

    publish_all(bus)

    got = ids(
        kafka.read_until(topic(project), enough=lambda got: set(ids(got)) >= set(told))
    )
    assert list(dict.fromkeys(got)) == told


def test_brokers_that_are_away_lose_nothing_and_the_order_holds(
    kafka: Kafka,
    bus: Bus,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(producing, "PATIENCE_SECONDS", 1.0)
    before = customer_created(project, "ada", "bob", "ada")
    publish_all(bus)
    kafka.down()
    meanwhile = customer_created(project, "ada", "bob", "ada", "bob")

    assert publish(bus) == Published(0, 4)
    assert bus.is_troubled
    assert not bus.answers()
    assert backlog(100).waiting == 4
    kafka.up()
    after = customer_created(project, "bob", "ada")
    publish_all(bus)

    told = [*before, *meanwhile, *after]
    got = kafka.read_until(
        topic(project), enough=lambda got: set(ids(got)) >= set(told)
    )
    keys = dict(DomainEvent.objects.values_list("pk", "key"))
    for key in (id_of("ada"), id_of("bob")):
        arrived = [each for each in dict.fromkeys(ids(got)) if keys[each] == key]
        assert arrived == [each for each in told if keys[each] == key]


def test_an_event_that_is_too_large_goes_out_with_an_address_for_its_data(
    kafka: Kafka, bus: Bus, project: Project, settings: Any
) -> None:
    settings.KAFKA_MAX_BYTES = 2_000
    kafka.topic(topic(project))
    told = [_updated(project, "x" * size) for size in (10, 5_000, 20)]

    publish_all(bus)

    small, large, last = kafka.read(topic(project), count=3)
    assert ids([small, large, last]) == told
    assert large.value == b""
    address = large.headers["ce_dataref"]
    assert address == f"http://127.0.0.1:8000/v1/domain-events/{told[1]}"
    assert "content-type" not in large.headers
    assert json.loads(small.value)["customer"]["name"] == "x" * 10


def test_brokers_that_take_less_than_is_allowed_get_the_address_alone(
    kafka: Kafka, bus: Bus, project: Project
) -> None:
    kafka.topic(topic(project))
    told = [_updated(project, "x" * size) for size in (10, 11, 12)]
    # Together, then the first by itself; from then on everything is taken.
    kafka.fail(PRODUCE, TOO_LARGE)
    publish(bus)
    kafka.fail(PRODUCE, TOO_LARGE)

    publish_all(bus)

    got = kafka.read_until(
        topic(project), enough=lambda got: set(ids(got)) >= set(told)
    )
    assert list(dict.fromkeys(ids(got))) == told
    bare = {each.headers["ce_id"] for each in got if "ce_dataref" in each.headers}
    assert bare == {told[0]}


def test_an_event_that_nobody_may_ask_for_is_not_published(
    kafka: Kafka, bus: Bus, project: Project
) -> None:
    emit(project, [Event(type="customer.figures.outdated")], now=NOW)
    publish_batch(now=NOW)

    assert backlog(100).waiting == 0
    assert publish(bus) == Published(0, 0)


def test_without_brokers_nothing_is_owed(project: Project) -> None:
    customer_created(project, "ada")

    assert not BusBatch.objects.exists()


def test_an_event_that_is_kept_no_longer_holds_nothing_up(
    kafka: Kafka, bus: Bus, project: Project
) -> None:
    gone, kept = customer_created(project, "ada", "ada")
    DomainEvent.objects.filter(pk=gone).delete()

    publish_all(bus)

    assert ids(kafka.read(topic(project), count=1)) == [kept]


@pytest.mark.django_db(transaction=True)
def test_a_shard_has_one_leader_and_others_work_on_the_rest(
    kafka: Kafka, bus: Bus, project: Project
) -> None:
    told = customer_created(project, *(f"c{number}" for number in range(40)))
    with transaction.atomic():
        first = publish_waiting(bus, now=NOW, shards=3)
        [other] = at_once(lambda: publish_waiting(Bus(), now=NOW))

    assert first.taken + other.taken == 40
    assert 0 < first.taken < 40
    assert sorted(ids(kafka.read(topic(project), count=40))) == sorted(told)
    assert not BusBatch.objects.exists()
    assert BusShard.objects.count() == 16


def _in_vain(work: Callable[[], Any]) -> None:
    """Do something in a transaction that is rolled back."""
    with transaction.atomic():
        work()
        transaction.set_rollback(True)


def _updated(project: Project, name: str) -> str:
    """Tell of a customer called so; return the event's id."""
    before = set(DomainEvent.objects.values_list("pk", flat=True))
    shown = {"id": id_of("ada"), "object": "customer", "name": name}
    event = Event(
        type="customer.updated",
        entity_id=id_of("ada"),
        customer_id=id_of("ada"),
        payload={"customer": shown},
    )
    emit(project, [event], now=NOW)
    while publish_batch(now=NOW):
        pass
    [found] = DomainEvent.objects.exclude(pk__in=before)
    return found.pk
