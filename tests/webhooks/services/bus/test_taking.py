"""What single records come to: commands, passing by, dead letters."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DataError

from customers.models import Customer
from promo.errors import Conflict
from promo.tenancy.models import Project
from tests.factories.customers import EventSchemaFactory
from tests.factories.tenancy import NOW, ProjectFactory
from tests.fixtures.kafka import Kafka
from tests.outbox import events_of
from webhooks.api.ingest import take
from webhooks.models import BusRecord
from webhooks.services.bus import taking
from webhooks.services.bus.producing import Bus
from webhooks.services.bus.taking import Incoming, Take, Taker

pytestmark = pytest.mark.django_db

CUSTOMERS = "promo.ingest.customers.v1"


@pytest.fixture
def bus(kafka: Kafka) -> Iterator[Bus]:
    made = Bus()
    yield made
    made.close()


def taker(project: Project, bus: Bus, do: Take = take, **options: Any) -> Taker:
    return Taker(project, do, bus, clock=lambda: NOW, **options)


def record(
    kind: str,
    value: Any,
    *,
    offset: int = 0,
    key: str = "k",
    **headers: str,
) -> Incoming:
    raw = value if value is None or isinstance(value, bytes) else _json(value)
    return Incoming(
        kind=kind,
        topic=f"promo.ingest.{kind}.v1",
        partition=0,
        offset=offset,
        key=key.encode(),
        value=raw,
        headers=[
            (name.replace("content_type", "content-type"), text.encode())
            for name, text in headers.items()
        ],
    )


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_every_kind_is_taken_by_the_service_of_the_api(
    project: Project, bus: Bus
) -> None:
    EventSchemaFactory.create(project=project, name="visited")
    mine = taker(project, bus)
    sku = {"object": "sku", "source_id": "tea-s", "product": {"source_id": "tea"}}
    order = {
        "source_id": "o-1",
        "status": "PAID",
        "customer": {"source_id": "ada"},
        "items": [{"source_id": "tea", "quantity": 2, "price": 300}],
    }
    sent = [
        record("customers", {"source_id": "ada", "name": "Ada"}),
        record("products", {"source_id": "tea", "name": "Tea", "price": 300}),
        record("products", sku, offset=1),
        record("orders", order),
        record("events", {"event": "visited", "customer": {"source_id": "ada"}}),
    ]

    assert [mine.deal_with(each) for each in sent] == ["taken"] * 5

    assert project.customers.get().name == "Ada"
    assert project.skus.get().source_id == "tea-s"
    assert project.orders.get().amount == 600
    assert events_of(project) == [
        "customer.created",
        "product.created",
        "sku.created",
        "customer.order.created",
        "customer.order.paid",
        "customer.custom_event",
    ]


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        ({"source_id": "ada"}, {}),
        ({"source_id": "ada"}, {"ce_specversion": "1.0", "ce_id": "1"}),
        (
            {"specversion": "1.0", "id": "1", "data": {"source_id": "ada"}},
            {"content_type": "application/cloudevents+json; charset=UTF-8"},
        ),
    ],
)
def test_bare_binary_and_structured_records_say_the_same(
    project: Project, bus: Bus, value: Any, headers: dict[str, str]
) -> None:
    assert taker(project, bus).deal_with(record("customers", value, **headers)) == (
        "taken"
    )
    assert project.customers.get().source_id == "ada"


def test_a_record_that_comes_again_is_passed_by(project: Project, bus: Bus) -> None:
    mine = taker(project, bus)
    first = record("customers", {"source_id": "ada", "name": "Ada"})
    mine.deal_with(first)
    changed = record("customers", {"source_id": "ada", "name": "Other"})

    assert mine.deal_with(changed) == "repeated"
    assert project.customers.get().name == "Ada"
    assert events_of(project) == ["customer.created"]
    assert taker(project, bus, is_forced=True).deal_with(changed) == "taken"
    assert project.customers.get().name == "Other"


def test_the_same_event_elsewhere_is_passed_by(project: Project, bus: Bus) -> None:
    mine = taker(project, bus)
    said = {"ce_id": "e-1", "ce_source": "crm"}
    mine.deal_with(record("customers", {"source_id": "ada"}, **said))

    again = record("customers", {"source_id": "bob"}, offset=9, **said)
    others = record("customers", {"source_id": "eve"}, offset=10, ce_id="e-1")

    assert mine.deal_with(again) == "repeated"
    assert mine.deal_with(others) == "taken"
    assert set(project.customers.values_list("source_id", flat=True)) == {"ada", "eve"}


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (b"{", "The value must be JSON in UTF-8"),
        ({"name": "Ada"}, "invalid_payload: Property .source_id is required"),
        (
            {"source_id": "ada", "name": 7},
            "invalid_payload: Property .name must be string",
        ),
        (None, "invalid_payload: Records without a value are not taken here"),
    ],
)
def test_what_cannot_be_taken_goes_to_the_dead_letters_and_is_remembered(
    project: Project, bus: Bus, kafka: Kafka, value: Any, error: str
) -> None:
    mine = taker(project, bus)
    sent = record("customers", value, offset=7, key="ada", ce_id="e-1", x="y")

    assert mine.deal_with(sent) == "dead"
    assert mine.deal_with(sent) == ("dead" if value == b"{" else "repeated")

    [dead] = kafka.read(f"{CUSTOMERS}.dlq", count=1)
    assert (dead.key, dead.value) == ("ada", sent.value)
    assert dead.headers == {
        "ce_id": "e-1",
        "x": "y",
        "dlq_error": error,
        "dlq_attempts": "1",
        "dlq_topic": CUSTOMERS,
        "dlq_partition": "0",
        "dlq_offset": "7",
        "dlq_time": "2026-03-10T12:00:00.000Z",
    }
    assert BusRecord.objects.get().is_dead
    assert not Customer.objects.exists()


def test_a_project_that_is_unknown_is_a_dead_letter_and_anothers_is_left(
    project: Project, bus: Bus, kafka: Kafka
) -> None:
    other = ProjectFactory.create()
    mine = taker(project, bus)
    nobody = "proj_" + "0" * 32

    for place, (asked, outcome) in enumerate(
        [
            (nobody, "dead"),
            ("shop", "dead"),
            (other.pk, "foreign"),
            (project.pk, "taken"),
        ]
    ):
        sent = record(
            "customers", {"source_id": "ada"}, offset=place, ce_projectid=asked
        )
        assert mine.deal_with(sent) == outcome

    first, second = kafka.read(f"{CUSTOMERS}.dlq", count=2)
    told = {first.headers["dlq_error"], second.headers["dlq_error"]}
    assert told == {f"unknown project {nobody}", "unknown project shop"}
    assert (project.customers.count(), other.customers.count()) == (1, 0)


def test_five_equal_failures_make_a_dead_letter(
    project: Project, bus: Bus, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "RETRY_SECONDS", 0)
    failures = iter([Conflict("busy", "Busy"), *[DataError("bad")] * 5])

    def fail(*_: Any, **__: Any) -> None:
        raise next(failures)

    assert taker(project, bus, fail).deal_with(record("customers", {})) == "dead"

    [dead] = kafka.read(f"{CUSTOMERS}.dlq", count=1)
    assert dead.headers["dlq_error"] == "DataError"
    assert dead.headers["dlq_attempts"] == "5"
    assert next(failures, None) is None


def test_failures_that_pass_are_tried_again(
    project: Project, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "RETRY_SECONDS", 0)
    failures = iter([Conflict("busy", "Busy"), RuntimeError("odd")])

    def stumble(*arguments: Any, **named: Any) -> None:
        for failure in failures:
            raise failure
        take(*arguments, **named)

    mine = taker(project, bus, stumble)

    assert mine.deal_with(record("customers", {"source_id": "ada"})) == "taken"
    assert project.customers.count() == 1


def test_a_record_without_a_value_erases_the_customer_where_that_is_wanted(
    project: Project, bus: Bus, settings: Any
) -> None:
    settings.KAFKA_INGEST_ERASES = True
    mine = taker(project, bus)
    mine.deal_with(record("customers", {"source_id": "ada"}))

    gone = [
        mine.deal_with(record("customers", None, offset=place, key=key))
        for place, key in ((1, "ada"), (2, "nobody"), (3, ""))
    ]

    assert gone == ["taken", "taken", "dead"]
    assert not Customer.objects.exists()


def test_a_dead_letter_that_is_too_large_loses_its_value(
    project: Project, bus: Bus, kafka: Kafka, settings: Any
) -> None:
    settings.KAFKA_MAX_BYTES = 1_000
    value = b"[" + b" " * 1_500

    assert taker(project, bus).deal_with(record("customers", value)) == "dead"

    [dead] = kafka.read(f"{CUSTOMERS}.dlq", count=1)
    assert dead.value == b""


def test_while_brokers_take_no_dead_letter_nothing_is_given_up(
    project: Project, bus: Bus, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webhooks.services.bus.producing.PATIENCE_SECONDS", 0.5)
    kafka.down()

    with pytest.raises(taking.BusAway):
        taker(project, bus).deal_with(record("customers", b"{"))

    assert not BusRecord.objects.exists()


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ({"object": "sku", "source_id": "x"}, "product_id or product.source_id"),
        ({"object": "sku", "source_id": "x", "product_id": "no"}, "not_found"),
        ({"object": "sku", "product_id": "no"}, ".source_id is required"),
    ],
)
def test_a_sku_needs_a_product(
    project: Project, bus: Bus, kafka: Kafka, value: Any, error: str
) -> None:
    assert taker(project, bus).deal_with(record("products", value)) == "dead"

    [dead] = kafka.read("promo.ingest.products.v1.dlq", count=1)
    assert error in dead.headers["dlq_error"]
