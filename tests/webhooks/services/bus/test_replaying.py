"""Records taken again, and dead letters that get another chance."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from promo.tenancy.models import Project
from tests.fixtures.kafka import Kafka

pytestmark = pytest.mark.django_db

CUSTOMERS = "promo.ingest.customers.v1"


@pytest.fixture(autouse=True)
def _three_records(kafka: Kafka, project: Project, settings: Any) -> None:
    settings.KAFKA_INGEST_PROJECT = project.pk
    kafka.topic(CUSTOMERS)
    kafka.topic(f"{CUSTOMERS}.dlq")
    for name in ("ada", "bob", "eve"):
        kafka.put(CUSTOMERS, json.dumps({"source_id": name}).encode(), key=name)


def run(command: str, *arguments: str) -> str:
    told = StringIO()
    call_command(command, *arguments, stdout=told)
    return told.getvalue()


def known(project: Project) -> set[str]:
    return set(project.customers.values_list("source_id", flat=True))


def test_a_stretch_is_taken_once_unless_it_is_forced(project: Project) -> None:
    stretch = (CUSTOMERS, "--from=1", "--to=3")

    assert run("replay_bus", *stretch, "--dry-run") == "2 found\n"
    assert known(project) == set()
    assert run("replay_bus", *stretch) == "2 taken\n"
    assert run("replay_bus", CUSTOMERS) == "2 repeated, 1 taken\n"
    assert run("replay_bus", *stretch, "--force") == "2 taken\n"
    assert run("replay_bus", CUSTOMERS, "--from=3") == "nothing there\n"
    assert known(project) == {"ada", "bob", "eve"}


def test_a_dead_letter_is_listed_shown_and_put_back(
    project: Project, kafka: Kafka
) -> None:
    kafka.put(CUSTOMERS, b'{"name": "Nobody"}', key="x", headers={"x": "y"})
    assert run("replay_bus", CUSTOMERS) == "1 dead, 3 taken\n"
    dead = f"{CUSTOMERS}.dlq"

    listed = json.loads(run("dead_letters", dead))
    shown = json.loads(run("dead_letters", dead, "--only=0/0", "--show"))
    assert run("dead_letters", dead, "--only=0/9") == ""
    run("dead_letters", dead, "--redrive")

    assert listed["dead_letter"] == "0/0"
    assert listed["error"] == "invalid_payload: Property .source_id is required"
    assert (listed["topic"], listed["offset"]) == (CUSTOMERS, "3")
    assert (shown["key"], shown["value"]) == ("x", '{"name": "Nobody"}')
    again = kafka.read(CUSTOMERS, count=5)[-1]
    assert (again.key, again.value) == ("x", b'{"name": "Nobody"}')
    assert again.headers == {"x": "y"}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((CUSTOMERS, "--from=soon"), "soon is neither an offset nor a moment"),
        (("else",), "else is none of promo.ingest.customers.v1"),
        ((CUSTOMERS, "--project=proj_1"), "must name a project"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        run("replay_bus", *arguments)


@pytest.mark.parametrize("command", ["replay_bus", "dead_letters"])
def test_without_brokers_there_is_nothing_to_read(settings: Any, command: str) -> None:
    settings.KAFKA_BOOTSTRAP_SERVERS = ""

    with pytest.raises(CommandError, match="there is no bus"):
        run(command, CUSTOMERS)
