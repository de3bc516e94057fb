"""ISO durations and the wall clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from promo.durations import Duration, add, parse_duration

WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P1Y2M", Duration(14)),
        ("P2W1D", Duration(0, 15)),
        ("PT36H", Duration(0, 0, 129_600)),
        ("P1DT1M5S", Duration(0, 1, 65)),
        ("PT0S", Duration()),
        ("P", None),
        ("PT", None),
        ("P1DT", None),
        ("-P1D", None),
        ("P-1D", None),
        ("P1.5D", None),
        ("1D", None),
        ("", None),
    ],
)
def test_a_duration_is_read_or_it_is_none(text, duration):
    assert parse_duration(text) == duration


def test_only_a_duration_that_lasts_is_true():
    assert not Duration()
    assert Duration(seconds=1)
    assert Duration(months=1)
    assert Duration(days=1)


def test_days_keep_the_wall_clock_and_hours_do_not():
    before = datetime(2027, 3, 27, 8, 30, tzinfo=WARSAW)

    assert add(before, Duration(days=1), WARSAW) == datetime(
        2027, 3, 28, 8, 30, tzinfo=WARSAW
    )
    assert add(before, Duration(seconds=86_400), WARSAW) == datetime(
        2027, 3, 28, 9, 30, tzinfo=WARSAW
    )


def test_a_time_that_the_clocks_skip_moves_on():
    before = datetime(2027, 3, 27, 2, 30, tzinfo=WARSAW)

    after = add(before, Duration(days=1), WARSAW)

    assert after == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert after.astimezone(WARSAW).hour == 3


@pytest.mark.parametrize(
    ("times", "day"), [(1, (2027, 2, 28)), (2, (2027, 3, 31)), (3, (2027, 4, 30))]
)
def test_months_count_from_the_moment_and_clamp(times, day):
    moment = datetime(2027, 1, 31, 12, tzinfo=UTC)

    assert add(moment, Duration(months=1), UTC, times) == datetime(*day, 12, tzinfo=UTC)


def test_no_times_is_the_moment_itself():
    second_half_past_two = datetime(2027, 10, 31, 2, 30, tzinfo=WARSAW, fold=1)

    moved = add(second_half_past_two, Duration(days=1), WARSAW, 0)

    assert moved == second_half_past_two.astimezone(UTC)


def test_the_shortest_lasts_no_longer_than_any():
    assert Duration(1).shortest == timedelta(28) - timedelta(hours=1)
    assert Duration(seconds=60).shortest == timedelta(seconds=60)


def test_beyond_the_calendar_is_an_overflow():
    with pytest.raises(OverflowError):
        add(datetime(2027, 1, 1, tzinfo=UTC), Duration(months=99_999), UTC)
