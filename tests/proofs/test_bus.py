"""The bus gets everything, in order, whatever happens to it: ``make proof``.

``PROOF_OUTAGE`` is for how many seconds the brokers are away; the suite takes a few.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings

from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.tenancy import ProjectFactory
from tests.factories.webhooks import customer_created
from tests.fixtures.kafka import AFTER_APPEND, PRODUCE, TIMED_OUT, Kafka
from tests.fixtures.processes import kill, wait_until
from tests.fixtures.serving import address_of_test_database
from tests.proofs.conftest import Shown
from tests.proofs.telling import on_the_bus, out_of_order, wait_until_published
from webhooks.models import BusRecord
from webhooks.services.bus.access import ingest_topics
from webhooks.services.bus.backlog import backlog

OUTAGE = float(os.environ.get("PROOF_OUTAGE", "3"))
EVENTS = 20
PEOPLE = [f"person-{number}" for number in range(7)]
CUSTOMERS = "promo.ingest.customers.v1"
#: A mock group waits nearly as long for a member that was killed.
SESSION = '{"session.timeout.ms": 3000, "heartbeat.interval.ms": 300}'

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def running(kafka: Kafka, *command: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command of manage.py at the brokers, and kill it at the end."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": address_of_test_database(),
            "KAFKA_BOOTSTRAP_SERVERS": kafka.servers,
            "KAFKA_CLIENT_OPTIONS": SESSION,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        kill([process.pid])
        process.wait()


def tell(project: Project, chance: random.Random) -> list[str]:
    """Tell of so many events of random people; return their ids in order."""
    return customer_created(project, *chance.choices(PEOPLE, k=EVENTS))


def test_brokers_that_fail_and_relays_that_die_lose_nothing(
    kafka: Kafka, shown: Shown
) -> None:
    project = ProjectFactory.create()
    chance = random.Random(7)  # noqa: S311 - a repeatable choice
    told = list[str]()
    with running(kafka, "run_bus_relay"):
        told += tell(project, chance)
        wait_until_published()
        # Stored, and said not to be: the same goes out again.
        kafka.fail(PRODUCE, AFTER_APPEND, TIMED_OUT, AFTER_APPEND)
        told += tell(project, chance)
        wait_until_published()
        kafka.down()
        told += tell(project, chance)
        time.sleep(OUTAGE)
        told += tell(project, chance)
        assert backlog(10_000).waiting == 2 * EVENTS
        kafka.up()
        told += tell(project, chance)
    with running(kafka, "run_bus_relay"):
        wait_until_published()

    got = on_the_bus(kafka, project, told)

    distinct = {each.headers["ce_id"] for each in got}
    outcomes = {"done": len(got), "killed": 1}
    shown("events on the bus", len(distinct), len(told), outcomes, 0)
    assert distinct == set(told)
    assert out_of_order(got, told) == []


def test_poison_and_consumers_that_die_change_nothing_twice(
    kafka: Kafka, shown: Shown
) -> None:
    project = ProjectFactory.create()
    for topic in ingest_topics(project.pk):
        kafka.topic(topic)
    good = [f"customer-{number}" for number in range(EVENTS)]
    command = ("run_bus_consumer", f"--project={project.pk}")
    for place, name in enumerate(good):
        kafka.put(CUSTOMERS, json.dumps({"source_id": name}).encode(), key=name)
        if place % 5 == 0:
            kafka.put(CUSTOMERS, b"poison", key=name)

    with running(kafka, *command):
        wait_until(lambda: project.customers.count() > 0, "the first are taken")
    with running(kafka, *command):
        wait_until(lambda: project.customers.count() == EVENTS, "all are taken")
        wait_until(
            lambda: BusRecord.objects.filter(is_dead=True).count() == EVENTS // 5,
            "all poison is put away",
        )

    dead = kafka.read(f"{CUSTOMERS}.dlq", count=EVENTS // 5)
    created = DomainEvent.objects.filter(project=project, type="customer.created")
    outcomes = {"done": created.count(), "killed": 1}
    shown("records of the bus", project.customers.count(), EVENTS, outcomes, 0)
    assert created.count() == EVENTS
    assert {each.value for each in dead} == {b"poison"}
