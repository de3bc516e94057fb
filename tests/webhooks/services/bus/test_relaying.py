"""The relay as a program: it publishes, outlives outages, and ends when told to."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as installed
from django.core.management import CommandError, call_command
from django.test import Client

from tests.factories.tenancy import ProjectFactory
from tests.factories.webhooks import customer_created
from tests.fixtures.kafka import Kafka
from tests.fixtures.processes import wait_until
from tests.fixtures.serving import address_of_test_database
from webhooks.services.bus.backlog import backlog

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def relay_at(servers: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_bus_relay"],
        cwd=installed.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": address_of_test_database(),
            "KAFKA_BOOTSTRAP_SERVERS": servers,
        },
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_the_relay_publishes_outlives_an_outage_and_ends_when_told_to(
    kafka: Kafka, client: Client
) -> None:
    project = ProjectFactory.create()
    topic = f"promo.{project.pk}.events.v1"
    with relay_at(kafka.servers) as process:
        first = customer_created(project, "ada", "bob")
        wait_until(lambda: backlog(100).waiting == 0, "the events are published")
        kafka.down()
        meanwhile = customer_created(project, "ada", "bob", "ada")
        assert client.get("/healthz").status_code == 200
        assert backlog(100).waiting == 3
        kafka.up()
        wait_until(lambda: backlog(100).waiting == 0, "what waited is published")
        process.send_signal(signal.SIGTERM)

        assert process.wait(60) == 0

    told = {*first, *meanwhile}
    got = kafka.read_until(
        topic, enough=lambda got: {each.headers["ce_id"] for each in got} >= told
    )
    assert {each.headers["ce_id"] for each in got} == told


def test_a_relay_without_brokers_says_so() -> None:
    with pytest.raises(CommandError, match="there is no bus"):
        call_command("run_bus_relay")


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("KAFKA_EVENTS_MODE", "batch", "must be one of binary, structured"),
        ("KAFKA_EVENTS_TOPIC", "a topic", "no name of a topic"),
    ],
)
def test_settings_that_lead_nowhere_are_refused(
    settings: Any, name: str, value: str, why: str
) -> None:
    settings.KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:1"
    setattr(settings, name, value)

    with pytest.raises(CommandError, match=why):
        call_command("run_bus_relay")
