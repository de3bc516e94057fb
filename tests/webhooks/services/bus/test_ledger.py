"""What is remembered of records, for how long, and how far consumers have come."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from promo.clock import utc_now
from promo.tenancy.models import Project
from tests.factories.tenancy import NOW
from webhooks.models import BusPosition, BusRecord
from webhooks.services.bus.gauges import check_ingest
from webhooks.services.bus.ledger import (
    Place,
    Position,
    forget_old_records,
    note_positions,
    take_once,
)

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def note(project: Project, committed: int, end: int, seconds: int) -> BusPosition:
    position = Position("orders", "t", 3, committed, end)
    note_positions(project, [position], now=NOW + seconds * SECOND)
    return BusPosition.objects.get()


def test_records_are_forgotten_in_their_time(project: Project, settings: Any) -> None:
    settings.KAFKA_INGEST_DAYS = 30
    for place, days in enumerate((31, 29)):
        then = NOW - timedelta(days=days)
        assert take_once(project, Place("t", 0, place), lambda: None, now=then)

    assert forget_old_records(NOW) == 1
    assert forget_old_records(NOW) == 0
    assert BusRecord.objects.get().offset == 1


def test_a_failure_leaves_nothing_remembered(project: Project) -> None:
    def fail() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        take_once(project, Place("t", 0, 0), fail, now=NOW)

    assert not BusRecord.objects.exists()


def test_a_partition_is_stuck_since_records_waited_and_none_was_taken(
    project: Project,
) -> None:
    assert note(project, 5, 5, 0).stuck_at is None
    assert note(project, 5, 9, 1).stuck_at == NOW + SECOND
    assert note(project, 5, 12, 2).stuck_at == NOW + SECOND
    assert note(project, 7, 12, 3).stuck_at == NOW + 3 * SECOND
    assert note(project, 12, 12, 4).stuck_at is None
    found = BusPosition.objects.get()
    assert (found.committed, found.end, found.noted_at) == (12, 12, NOW + 4 * SECOND)


def test_readiness_fails_beyond_the_lag_that_is_allowed(
    project: Project, settings: Any, client: Client
) -> None:
    settings.KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:1"
    note(project, 5, 9, 0)
    BusPosition.objects.update(stuck_at=utc_now() - 90 * SECOND)

    assert check_ingest().passed
    settings.READY_INGEST_LAG = 60
    assert not check_ingest().passed
    BusPosition.objects.update(stuck_at=None)
    assert check_ingest().found == "0 s behind"
    told = client.get("/metrics").content.decode()
    assert 'promo_bus_ingest_lag{kind="orders",partition="3"} 4.0' in told
    assert 'promo_bus_ingest_stuck_seconds{kind="orders",partition="3"} 0.0' in told
