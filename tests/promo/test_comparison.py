"""How values compare: the declared type decides."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from promo.comparison import (
    Kind,
    as_day,
    as_moment,
    as_number,
    as_text,
    equal,
    midnight,
    order,
)

WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, Decimal(5)),
        (0.1, Decimal("0.1")),
        ("-4.50", Decimal("-4.50")),
        (True, None),
        ("1_000", None),
        ("nan", None),
        (float("inf"), None),
        ("٣", None),
        ("", None),
        (None, None),
        ([1], None),
    ],
)
def test_only_plain_finite_numbers_are_numbers(value, number):
    assert as_number(value) == number


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (1.5, "1.5"), ("x", "x"), ({}, None)],
)
def test_a_scalar_reads_as_the_api_writes_it(value, text):
    assert as_text(value) == text


@pytest.mark.spec('rules 3.2 $is with "5" vs 5')
@pytest.mark.spec("rules 3.2 Booleans")
@pytest.mark.spec("rules 3.2 Dates")
@pytest.mark.parametrize(
    ("fact", "value", "kind", "expected"),
    [
        ("5", 5, Kind.NUMBER, True),
        ("5", 5, None, True),
        ("5.0", "5", Kind.TEXT, False),
        ("true", True, Kind.BOOLEAN, True),
        ("yes", True, Kind.BOOLEAN, False),
        ("2027-03-01T23:30:00Z", "2027-03-02", Kind.DATE, True),
        ("2027-03-01T23:00:00Z", "2027-03-02", Kind.DATETIME, True),
        ("2027-03-01T23:30:00Z", "2027-03-02", Kind.DATETIME, False),
        ("2027-03-01T10:00", "2027-03-01T10:00:00+01:00", Kind.DATETIME, True),
        (datetime(2027, 3, 1, tzinfo=UTC), "2027-03-01T01:00:00+01:00", None, True),
        (date(2027, 3, 1), "2027-03-01", None, True),
        ("2027-13-01", "2027-13-01", Kind.DATE, False),
        ("geo:1,2", "geo:1,2", Kind.GEOPOINT, True),
        (None, None, None, False),
    ],
)
def test_equality_follows_the_declared_type(fact, value, kind, expected):
    assert equal(fact, value, kind, WARSAW) is expected


@pytest.mark.spec("rules 3.2 Undeclared property")
@pytest.mark.spec("rules 3.2 Booleans")
@pytest.mark.parametrize(
    ("fact", "value", "kind", "expected"),
    [
        ("10", "9", None, 1),
        ("10", "9", Kind.TEXT, -1),
        ("a", "a", None, 0),
        ("10", "9", Kind.NUMBER, 1),
        ("ten", "9", Kind.NUMBER, None),
        (True, False, None, None),
        ("geo:1,2", "geo:1,1", Kind.GEOPOINT, None),
        ("2027-03-01", "2027-03-02", Kind.DATE, -1),
        ("2027-03-01", "2027-02-28T23:00:00Z", Kind.DATETIME, 0),
        ("a", None, None, None),
    ],
)
def test_order_follows_the_declared_type(fact, value, kind, expected):
    assert order(fact, value, kind, WARSAW) == expected


def test_a_moment_without_zone_is_on_the_project_clock():
    assert as_moment(datetime(2027, 3, 1), WARSAW) == as_moment("2027-03-01", WARSAW)  # noqa: DTZ001


def test_a_day_beyond_the_calendar_is_no_day():
    edge = datetime(9999, 12, 31, 23, 30, tzinfo=UTC)

    assert as_day(edge, WARSAW) is None


def test_midnight_follows_daylight_saving():
    assert midnight(date(2027, 3, 28), WARSAW) == datetime(2027, 3, 27, 23, tzinfo=UTC)
    assert midnight(date(2027, 3, 29), WARSAW) == datetime(2027, 3, 28, 22, tzinfo=UTC)
