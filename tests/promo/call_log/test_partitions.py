"""A partition a month: made ahead, made when missing, dropped whole."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError, connection, transaction
from django.test import override_settings
from structlog.testing import capture_logs

from promo import months
from promo.call_log import storing
from promo.call_log.models import ApiCall
from promo.call_log.partitions import MONTHS
from promo.call_log.tasks import keep_months
from tests.promo.call_log.calls import NOON, a_call, store_call
from tests.races import at_once

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture(autouse=True)
def _no_months(db):
    """Begin without what tests that commit have left."""
    for month in MONTHS.all():
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {MONTHS.name_of(month)}")


def where():
    """Return the partition of each call, by the day of the call."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT created_at::date, tableoid::regclass::text "
            "FROM call_log_apicall ORDER BY created_at"
        )
        return dict(cursor.fetchall())


def at(*day):
    return datetime(*day, tzinfo=UTC)


def test_a_call_goes_into_the_partition_of_its_month():
    store_call(created_at=at(2026, 3, 1))
    store_call(created_at=at(2026, 4, 1) - timedelta(microseconds=1))
    store_call(created_at=at(2026, 4, 1))

    assert where() == {
        date(2026, 3, 1): "call_log_apicall_202603",
        date(2026, 3, 31): "call_log_apicall_202603",
        date(2026, 4, 1): "call_log_apicall_202604",
    }
    assert MONTHS.all() == [MARCH, APRIL]


def test_a_month_that_cannot_be_made_is_taken_by_the_default_partition(monkeypatch):
    def refuse(*_):
        raise OperationalError

    monkeypatch.setattr(months.Months, "ensure", refuse)

    with capture_logs() as told:
        store_call()

    assert where() == {NOON.date(): MONTHS.default}
    assert [one["event"] for one in told] == ["month_of_calls_not_made"]


def test_the_default_partition_gives_back_what_is_the_new_months(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(storing, "_know_months", lambda _: None)
        store_call(sent=b'{"a": 1}')
        store_call(created_at=at(2026, 4, 1))

    MONTHS.ensure(MARCH)

    assert where() == {
        NOON.date(): "call_log_apicall_202603",
        date(2026, 4, 1): MONTHS.default,
    }
    assert ApiCall.objects.get(created_at=NOON).request_body == '{"a": 1}'


def test_a_month_made_twice_is_made_once():
    MONTHS.ensure(MARCH)
    MONTHS.ensure(MARCH)

    assert MONTHS.all() == [MARCH]


def test_a_month_has_the_indexes_and_the_key_of_the_table():
    MONTHS.ensure(MARCH)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = %s",
            [MONTHS.name_of(MARCH)],
        )
        found = sorted(text.partition(" USING ")[2] for (text,) in cursor.fetchall())
    assert found == [
        "btree (id, created_at)",
        "btree (organisation_id, created_at, id) WHERE (project_id IS NULL)",
        "btree (project_id, created_at, id)",
        "btree (request_id)",
    ]


def test_a_moment_belongs_to_its_month_in_utc():
    berlin = datetime.fromisoformat("2026-04-01T00:30:00+02:00")

    assert months.month_of(berlin) == MARCH


def test_the_task_makes_the_running_month_and_the_next_two():
    with time_machine.travel(at(2026, 11, 30), tick=False):
        keep_months()

    assert MONTHS.all() == [
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
    ]


def test_a_month_is_dropped_once_all_of_it_is_too_old():
    store_call(created_at=at(2026, 3, 1))
    store_call(created_at=at(2026, 4, 1))

    with override_settings(CALL_LOG_DAYS=30):
        with time_machine.travel(at(2026, 4, 30), tick=False):
            keep_months()
        kept = MONTHS.all()[:2]
        with time_machine.travel(at(2026, 5, 1), tick=False):
            keep_months()

    assert kept == [MARCH, APRIL]
    assert MONTHS.all() == [APRIL, *(date(2026, n, 1) for n in (5, 6, 7))]
    assert where() == {date(2026, 4, 1): "call_log_apicall_202604"}


def test_calls_are_kept_180_days_by_default():
    store_call(created_at=at(2026, 3, 31))

    with time_machine.travel(at(2026, 9, 27, 12), tick=False):
        keep_months()
    kept = ApiCall.objects.count()
    with time_machine.travel(at(2026, 9, 28), tick=False):
        keep_months()

    assert (kept, ApiCall.objects.count()) == (1, 0)


def test_what_is_too_old_leaves_the_default_partition(monkeypatch):
    monkeypatch.setattr(storing, "_know_months", lambda _: None)
    store_call(created_at=at(2026, 3, 9))
    store_call(created_at=at(2026, 3, 10))

    assert MONTHS.drop_before(at(2026, 3, 10)) == []
    assert where() == {date(2026, 3, 10): MONTHS.default}


@pytest.mark.django_db(transaction=True)
def test_writers_who_meet_in_a_new_month_make_it_once_and_lose_nothing():
    work = [lambda: storing.store([a_call() for _ in range(20)])] * 4

    outcomes = at_once(*work)

    assert outcomes == [None] * 4
    assert MONTHS.all() == [MARCH]
    assert where() == {NOON.date(): "call_log_apicall_202603"}
    assert ApiCall.objects.count() == 80


@pytest.mark.django_db(transaction=True)
def test_a_month_that_is_being_read_is_dropped_the_next_time(monkeypatch):
    monkeypatch.setattr(months, "LOCK_TIMEOUT", "50ms")
    store_call()
    outcomes = []

    def drop():
        outcomes.append(MONTHS.drop_before(at(2026, 5, 1)))

    with transaction.atomic():
        read = ApiCall.objects.count()
        at_once(drop)
    drop()

    assert (read, outcomes) == (1, [[], [MARCH]])
