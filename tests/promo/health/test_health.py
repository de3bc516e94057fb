"""``/healthz`` and ``/readyz``: what a load balancer and an orchestrator ask."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from promo.jobs.actions import enqueue
from promo.outbox.events import Event, emit
from promo.tenancy.models import Project
from tests.admin_site import statements_of
from tests.factories.tenancy import NOW, ProjectFactory
from tests.fixtures.serving import free_port

pytestmark = pytest.mark.made_up_events

NAMES = ["database", "migrations", "broker", "cache", "events", "jobs", "bus", "ingest"]


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """A broker that is a folder."""
    settings.CELERY_BROKER_URL = "promo-files://localhost"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path)}
    return tmp_path


@pytest.fixture
def asking(client: Client, folder: Path, settings: Any) -> Client:
    """A caller of an installation without Redis."""
    settings.REDIS_URL = ""
    return client


def failing(client: Client) -> dict[str, tuple[str, str]]:
    """Return what the failed checks expected and found; the rest must pass."""
    answer = client.get("/readyz")
    checks = answer.json()["checks"]
    failed = [check for check in checks if not check["passed"]]
    assert [check["name"] for check in checks] == NAMES
    assert answer.json()["status"] == ("not_ready" if failed else "ready")
    assert answer.status_code == (503 if failed else 200)
    return {check["name"]: (check["expected"], check["found"]) for check in failed}


def tell(project: Project, events: int) -> None:
    emit(project, [Event(type="customer.created")] * events, now=NOW)


def test_a_process_that_answers_is_healthy_whatever_the_database_does(
    client: Client,
) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_read_only(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_an_installation_in_order_is_ready_and_says_what_was_looked_at(
    asking: Client,
) -> None:
    answer = asking.get("/readyz")

    found = {each["name"]: each["found"] for each in answer.json()["checks"]}
    assert answer.status_code == 200
    assert answer.json()["checks"][0] == {
        "name": "database",
        "passed": True,
        "expected": "an answer within 2 s",
        "found": "an answer",
    }
    assert found == {
        "database": "an answer",
        "migrations": "none missing",
        "broker": "a folder that can be written to",
        "cache": "memory",
        "events": "0 waiting",
        "jobs": "0 waiting",
        "bus": "not configured",
        "ingest": "not configured",
    }


@pytest.mark.django_db
def test_a_database_that_takes_no_connection_is_named(
    asking: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", str(free_port()))

    assert failing(asking) == {"database": ("an answer within 2 s", "OperationalError")}


@pytest.mark.django_db
def test_checks_that_ask_a_database_that_is_gone_fail_by_themselves(
    asking: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE outbox_domainevent RENAME TO elsewhere")

    assert failing(asking)["events"] == (
        "an answer of the database",
        "ProgrammingError",
    )


@pytest.mark.django_db
def test_migrations_that_are_missing_are_named(asking: Client) -> None:
    applied = MigrationRecorder.Migration.objects.filter(app="campaigns")
    applied.filter(name__startswith="0021").delete()

    assert failing(asking) == {
        "migrations": (
            "every migration applied",
            "1 missing: campaigns.0021_referral_conversions",
        )
    }


@pytest.mark.django_db
def test_a_folder_of_messages_that_is_gone_is_named(
    asking: Client, folder: Path
) -> None:
    folder.rmdir()

    assert failing(asking) == {"broker": ("a folder that can be written to", "none")}


@pytest.mark.django_db
@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_refuses_connections_is_named(
    asking: Client, settings: Any, scheme: str
) -> None:
    settings.CELERY_BROKER_URL = f"{scheme}://127.0.0.1:{free_port()}/0"

    [(name, (expected, _))] = failing(asking).items()

    assert (name, expected) == ("broker", "an answer within 2 s")


@pytest.mark.django_db
def test_a_cache_that_refuses_connections_is_named(
    asking: Client, settings: Any
) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"

    assert failing(asking) == {"cache": ("an answer within 2 s", "ConnectionError")}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("limit", "outcome"),
    [
        (None, {}),
        (3, {}),
        (2, {"events": ("at most 2 waiting", "3 or more waiting")}),
        (0, {"events": ("at most 0 waiting", "1 or more waiting")}),
    ],
)
def test_events_that_wait_are_held_against_the_setting(
    asking: Client, settings: Any, limit: int | None, outcome: dict[str, Any]
) -> None:
    tell(ProjectFactory(), events=3)
    settings.READY_EVENT_BACKLOG = limit

    assert failing(asking) == outcome


@pytest.mark.django_db
def test_unfinished_work_is_held_against_the_setting(
    asking: Client, settings: Any
) -> None:
    project = ProjectFactory()
    settings.READY_JOB_BACKLOG = 1
    for finished in (None, None, NOW):
        action = enqueue(project=project, kind="COUNT", arguments={}, now=NOW)
        action.finished_at = finished
        action.save()

    assert failing(asking) == {"jobs": ("at most 1 waiting", "2 or more waiting")}


@pytest.mark.django_db
def test_readiness_costs_the_same_whatever_waits(asking: Client) -> None:
    for_none = statements_of(lambda: asking.get("/readyz"))
    project = ProjectFactory()
    tell(project, events=20)
    for day in range(5):
        at = NOW - timedelta(days=day)
        enqueue(project=project, kind="COUNT", arguments={}, now=at)

    assert statements_of(lambda: asking.get("/readyz")) == for_none
