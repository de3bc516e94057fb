"""``/metrics``: what Prometheus reads, and who else does not."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as installed
from django.db import connection
from django.test import Client

from promo.clock import utc_now
from promo.jobs.actions import enqueue
from promo.outbox.events import Event, emit
from promo.tenancy.models import Project
from tests.admin_site import statements_of
from tests.fixtures.serving import free_port
from tests.promo.metrics.counted import shown

COUNTING = """
import os, django
django.setup()
from promo.metrics.counts import count_decision, count_request
def work():
    count_decision(operation="redemption", reason="voucher_expired")
    count_request(method="GET", route="/v1/vouchers", status="2xx", seconds=0.02)
work()
if os.fork() == 0:
    work()
    os._exit(0)
os.wait()
"""

pytestmark = pytest.mark.made_up_events


@pytest.mark.django_db
def test_gauges_tell_what_waits_and_for_how_long(
    client: Client, project: Project
) -> None:
    now = utc_now()
    emit(project, [Event(type="customer.created")], now=now - timedelta(hours=1))
    emit(project, [Event(type="customer.created")] * 2, now=now)
    for hours, status in ((2, "ACCEPTED"), (1, "ACCEPTED"), (3, "IN_PROGRESS")):
        at = now - timedelta(hours=hours)
        action = enqueue(project=project, kind="COUNT", arguments={}, now=at)
        action.status = status
        action.save()

    found = shown(client.get("/metrics").content.decode())

    assert found["promo_events_waiting",] == 3
    assert 3_600 <= found["promo_events_lag_seconds",] < 3_700
    assert found["promo_jobs", "ACCEPTED"] == 2
    assert found["promo_jobs", "IN_PROGRESS"] == 1
    assert 7_200 <= found["promo_jobs_oldest_seconds", "ACCEPTED"] < 7_300
    assert 10_800 <= found["promo_jobs_oldest_seconds", "IN_PROGRESS"] < 10_900
    assert found["promo_reader_up", "promo.outbox.gauges"] == 1
    assert found["promo_reader_up", "promo.jobs.gauges"] == 1


@pytest.mark.django_db
def test_nothing_waits_in_an_empty_installation(client: Client) -> None:
    found = shown(client.get("/metrics").content.decode())

    assert found["promo_events_waiting",] == 0
    assert found["promo_events_lag_seconds",] == 0
    assert found["promo_jobs", "ACCEPTED"] == 0
    assert found["promo_jobs_oldest_seconds", "ACCEPTED"] == 0


@pytest.mark.django_db
def test_scraping_takes_eight_statements_whatever_waits(
    client: Client, project: Project
) -> None:
    emit(project, [Event(type="customer.created")] * 20, now=utc_now())

    assert statements_of(lambda: client.get("/metrics")) == 8


@pytest.mark.django_db
def test_counts_are_told_though_a_gauge_cannot_be_read(client: Client) -> None:
    client.get("/healthz")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE outbox_domainevent RENAME TO elsewhere")

    answer = client.get("/metrics")

    found = shown(answer.content.decode())
    assert answer.status_code == 200
    assert found["promo_reader_up", "promo.outbox.gauges"] == 0
    assert ("promo_events_waiting",) not in found
    assert found["promo_request_seconds_count", "GET", "/healthz", "2xx"] >= 1


@pytest.mark.django_db
def test_nobody_waits_for_a_database_that_takes_no_connection(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", str(free_port()))
    client.get("/healthz")

    found = shown(client.get("/metrics").content.decode())

    assert found["promo_reader_up", "promo.outbox.gauges"] == 0
    assert found["promo_reader_up", "promo.jobs.gauges"] == 0
    assert ("promo_jobs", "ACCEPTED") not in found
    assert found["promo_request_seconds_count", "GET", "/healthz", "2xx"] >= 1


@pytest.mark.django_db
def test_openmetrics_is_spoken_to_who_asks_for_it(client: Client) -> None:
    asked = "application/openmetrics-text; version=1.0.0"

    answer = client.get("/metrics", headers={"Accept": asked})

    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert answer.content.endswith(b"# EOF\n")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "trusted", "sent", "status"),
    [
        ("", "", {}, 200),
        ("", "", {"REMOTE_ADDR": "::1"}, 200),
        ("", "", {"REMOTE_ADDR": "203.0.113.5"}, 403),
        ("", "", {"REMOTE_ADDR": ""}, 403),
        ("", "", {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ("", "", {"HTTP_FORWARDED": "for=127.0.0.1"}, 403),
        ("", "X-Real-IP", {"HTTP_X_REAL_IP": "203.0.113.5"}, 403),
        ("", "X-Real-IP", {"HTTP_X_REAL_IP": "127.0.0.1"}, 200),
        ("", "", {"HTTP_AUTHORIZATION": "Bearer "}, 200),
        ("s3cret", "", {}, 401),
        ("s3cret", "", {"HTTP_AUTHORIZATION": "Bearer wrong"}, 401),
        ("s3cret", "", {"HTTP_AUTHORIZATION": "Bearer s3crét"}, 401),
        ("s3cret", "", {"HTTP_AUTHORIZATION": "Basic s3cret"}, 401),
        ("s3cret", "", {"HTTP_AUTHORIZATION": "Bearer s3cret"}, 200),
        (
            "s3cret",
            "",
            {"HTTP_AUTHORIZATION": "bearer s3cret", "REMOTE_ADDR": "203.0.113.5"},
            200,
        ),
    ],
)
def test_metrics_are_for_who_shows_the_token_or_is_on_this_machine(
    client: Client,
    settings: Any,
    *,
    token: str,
    trusted: str,
    sent: dict[str, str],
    status: int,
) -> None:
    settings.METRICS_TOKEN, settings.TRUSTED_PROXY_HEADER = token, trusted

    answer = client.get("/metrics", **sent)  # type: ignore[arg-type]  # of the environment

    assert answer.status_code == status
    assert (b"promo_events_waiting" in answer.content) is (status == 200)
    if status == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json() == {
            "status": "refused",
            "expected": "the header Authorization: Bearer METRICS_TOKEN",
        }


def test_metrics_are_read_only(client: Client) -> None:
    assert client.post("/metrics").status_code == 405


@pytest.mark.django_db
def test_one_answer_tells_of_all_processes_that_share_a_folder(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "promo.settings",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
    }
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-c", COUNTING],
            cwd=installed.BASE_DIR,
            env=environment,
            check=True,
        )
    settings.METRICS_DIR = str(tmp_path / "metrics")

    found = shown(client.get("/metrics").content.decode())

    # Twice a process and a child of it, which does not count its parent's again.
    refused = ("redemption", "voucher_expired", "rejected")
    assert found["promo_decisions_total", *refused] == 4
    names = ("GET", "/v1/vouchers", "2xx")
    assert found["promo_request_seconds_count", *names] == 4
    assert found["promo_request_seconds_sum", *names] == pytest.approx(0.08)
    assert found["promo_request_seconds_bucket", "0.025", *names] == 4
    assert found["promo_request_seconds_bucket", "0.01", *names] == 0
    assert found["promo_events_waiting",] == 0
