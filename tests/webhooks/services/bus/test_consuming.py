"""Consumers as they run: sharing, handing over, dying, and doing without a database."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition
from django.conf import settings as installed
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from promo.clock import utc_now
from promo.tenancy.models import Project
from tests.factories.tenancy import ProjectFactory
from tests.fixtures.kafka import Kafka
from tests.fixtures.processes import wait_until
from tests.fixtures.severed import Way
from tests.outbox import events_of
from webhooks.api.ingest import take
from webhooks.models import BusPosition, BusRecord
from webhooks.services.bus import consuming
from webhooks.services.bus.access import ingest_topics
from webhooks.services.bus.consuming import Ingest
from webhooks.services.bus.producing import Bus
from webhooks.services.bus.taking import Incoming, Taker

pytestmark = pytest.mark.django_db(transaction=True)

CUSTOMERS = "promo.ingest.customers.v1"


@pytest.fixture
def project(kafka: Kafka, settings: Any) -> Project:
    made: Project = ProjectFactory.create()
    # A mock group waits nearly as long for members that have died.
    settings.KAFKA_CLIENT_OPTIONS = {
        "session.timeout.ms": 3_000,
        "heartbeat.interval.ms": 300,
    }
    for topic in ingest_topics(made.pk):
        kafka.topic(topic, partitions=4 if topic == CUSTOMERS else 1)
    return made


@contextmanager
def consuming_for(project: Project) -> Iterator[None]:
    """Run a consumer in a thread; it leaves its group in order at the end."""
    stopping = threading.Event()

    def work() -> None:
        bus = Bus()
        try:
            taker = Taker(project, take, bus, clock=utc_now)
            Ingest(project, taker, clock=utc_now).run(stopping)
        finally:
            bus.close()
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(60)
    assert not thread.is_alive()


def put(kafka: Kafka, source_id: str, partition: int = -1) -> None:
    value = json.dumps({"source_id": source_id}).encode()
    kafka.put(CUSTOMERS, value, key=source_id, partition=partition)


def known(project: Project) -> set[str]:
    return set(project.customers.values_list("source_id", flat=True))


def committed(kafka: Kafka, project: Project, partition: int = 0) -> int:
    group = {
        "bootstrap.servers": kafka.servers,
        "group.id": f"promo-ingest-{project.pk}",
    }
    asking = Consumer(group)
    [found] = asking.committed([TopicPartition(CUSTOMERS, partition)], timeout=30)
    asking.close()
    offset: int = found.offset
    return offset


def test_records_are_taken_and_their_offsets_committed(
    kafka: Kafka, project: Project
) -> None:
    for name in ("ada", "bob", "eve"):
        put(kafka, name, partition=0)

    with consuming_for(project):
        wait_until(lambda: known(project) == {"ada", "bob", "eve"}, "all are taken")

    assert committed(kafka, project) == 3
    assert events_of(project) == ["customer.created"] * 3


def test_a_poison_record_dies_and_its_partition_moves_on(
    kafka: Kafka, project: Project
) -> None:
    put(kafka, "ada", partition=0)
    kafka.put(CUSTOMERS, b"poison", partition=0)
    put(kafka, "bob", partition=0)

    with consuming_for(project):
        wait_until(lambda: known(project) == {"ada", "bob"}, "the others are taken")

    [dead] = kafka.read(f"{CUSTOMERS}.dlq", count=1)
    assert (dead.value, dead.headers["dlq_offset"]) == (b"poison", "1")
    assert committed(kafka, project) == 3


def test_who_dies_before_committing_offsets_has_taken_its_records_once(
    kafka: Kafka, project: Project
) -> None:
    put(kafka, "ada", partition=0)
    bus = Bus()
    value = json.dumps({"source_id": "ada"}).encode()
    taken = Incoming("customers", CUSTOMERS, 0, 0, b"ada", value, [])
    assert Taker(project, take, bus, clock=utc_now).deal_with(taken) == "taken"
    assert committed(kafka, project) < 0

    put(kafka, "bob", partition=0)
    with consuming_for(project):
        wait_until(lambda: known(project) == {"ada", "bob"}, "the next one is taken")

    assert committed(kafka, project) == 2
    assert events_of(project) == ["customer.created"] * 2
    assert BusRecord.objects.count() == 2


def test_two_consumers_share_the_partitions_and_hand_them_over(
    kafka: Kafka, project: Project
) -> None:
    names = {f"c{number}" for number in range(40)}
    with consuming_for(project):
        with consuming_for(project):
            for name in sorted(names):
                put(kafka, name)
            wait_until(lambda: known(project) == names, "both take what there is")
        for name in ("late", "later", "last"):
            put(kafka, name)
        names |= {"late", "later", "last"}
        wait_until(lambda: known(project) == names, "the one that is left takes all")

    assert events_of(project) == ["customer.created"] * 43
    assert not BusRecord.objects.filter(is_dead=True).exists()


def test_the_lag_is_what_is_stored_less_what_is_committed(
    kafka: Kafka, project: Project, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consuming, "NOTE_SECONDS", 0)
    monkeypatch.setattr("webhooks.services.bus.producing.PATIENCE_SECONDS", 0.5)
    kafka.topic(f"{CUSTOMERS}.dlq")
    for name in ("ada", "bob"):
        put(kafka, name, partition=2)

    with consuming_for(project):
        wait_until(lambda: noted(2) == (2, 2), "both are noted", found=positions)

    position = BusPosition.objects.get(topic=CUSTOMERS, partition=2)
    assert position.stuck_at is None
    BusPosition.objects.filter(pk=position.pk).update(end=9, stuck_at=utc_now())
    told = client.get("/metrics").content.decode()
    assert 'promo_bus_ingest_lag{kind="customers",partition="2"} 7.0' in told
    assert 'promo_bus_ingest_lag{kind="customers",partition="0"} 0.0' in told


def noted(partition: int) -> tuple[int, int] | None:
    rows = BusPosition.objects.filter(topic=CUSTOMERS, partition=partition)
    return rows.values_list("committed", "end").first()


def positions() -> list[Any]:
    return list(BusPosition.objects.values("topic", "partition", "committed", "end"))


def test_without_the_database_consumers_wait_and_nothing_dies(
    kafka: Kafka, project: Project, way: Way
) -> None:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_bus_consumer", f"--project={project.pk}"],
        cwd=installed.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": way.url,
            "DATABASE_POOL_SIZE": "0",
            "KAFKA_BOOTSTRAP_SERVERS": kafka.servers,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        put(kafka, "ada", partition=0)
        wait_until(lambda: known(project) == {"ada"}, "the first is taken")
        way.cut()
        put(kafka, "bob", partition=0)
        put(kafka, "eve", partition=0)
        assert process.stdout is not None
        line = next(each for each in process.stdout if "ingest_paused" in each)
        assert "DatabaseAway" in line
        assert known(project) == {"ada"}
        way.mend()
        wait_until(lambda: known(project) == {"ada", "bob", "eve"}, "all are taken")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()

    assert committed(kafka, project) == 3
    assert not BusRecord.objects.filter(is_dead=True).exists()


def test_a_consumer_needs_brokers_and_a_project(settings: Any) -> None:
    settings.KAFKA_BOOTSTRAP_SERVERS = ""
    with pytest.raises(CommandError, match="there is no bus"):
        call_command("run_bus_consumer")
    settings.KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:1"
    with pytest.raises(CommandError, match="must name a project"):
        call_command("run_bus_consumer", project="proj_1")
    settings.KAFKA_INGEST_TOPIC = "same"
    with pytest.raises(CommandError, match="a topic for each"):
        call_command("run_bus_consumer")
