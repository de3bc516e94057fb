"""Events lie in months, which are made ahead and dropped whole."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from structlog.testing import capture_logs

from promo.outbox.events import Event, emit
from promo.outbox.models import DomainEvent
from promo.outbox.partitions import MONTHS
from promo.outbox.tasks import keep_months
from promo.tenancy.models import Project
from tests.factories.tenancy import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.made_up_events]

MARCH = date(2026, 3, 1)
MUCH_LATER = datetime(2029, 6, 5, tzinfo=UTC)


def where() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM outbox_domainevent")
        return [name for (name,) in cursor.fetchall()]


def tell(project: Project, **fields: object) -> None:
    emit(project, [Event(type="x", entity_id="x_1")], now=NOW)
    DomainEvent.objects.update(**fields)


def test_an_event_lies_in_its_month_once_that_is_made(project: Project) -> None:
    tell(project)
    before = where()

    MONTHS.ensure(MARCH)

    assert before == [MONTHS.default]
    assert where() == ["outbox_domainevent_202603"]


def test_the_next_months_are_made_and_old_ones_dropped(project: Project) -> None:
    MONTHS.ensure(MARCH)
    tell(project, published_at=NOW)

    with time_machine.travel(MUCH_LATER, tick=False):
        keep_months()

    assert DomainEvent.objects.count() == 0
    assert MONTHS.all()[-3:] == [date(2029, n, 1) for n in (6, 7, 8)]
    assert MARCH not in MONTHS.all()


def test_a_month_with_an_event_that_waits_stays(project: Project) -> None:
    MONTHS.ensure(MARCH)
    tell(project)

    with time_machine.travel(MUCH_LATER, tick=False), capture_logs() as logs:
        keep_months()

    assert where() == ["outbox_domainevent_202603"]
    assert [each["event"] for each in logs] == ["month_still_wanted"]


def test_events_are_kept_for_good_where_that_is_asked_for(
    project: Project, settings: pytest.FixtureRequest
) -> None:
    settings.EVENT_LOG_DAYS = 0  # type: ignore[attr-defined]
    tell(project, published_at=NOW)

    with time_machine.travel(MUCH_LATER, tick=False):
        keep_months()

    assert DomainEvent.objects.count() == 1
