"""Calendar arithmetic on days."""

from datetime import UTC, date, datetime

import pytest

from promo.calendar_windows import (
    Calendar,
    add_months,
    anniversary,
    first_of_week,
    weekday,
    window,
)


@pytest.mark.parametrize(
    ("day", "months", "moved"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2027, 1, 31), 2, date(2027, 3, 31)),
        (date(2027, 1, 31), 11, date(2027, 12, 31)),
        (date(2027, 1, 31), -1, date(2026, 12, 31)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
    ],
)
def test_months_clamp_to_the_last_day(day, months, moved):
    assert add_months(day, months) == moved


@pytest.mark.parametrize("months", [12 * 8000, -12 * 3000])
def test_months_beyond_the_calendar_overflow(months):
    with pytest.raises(OverflowError):
        add_months(date(2027, 1, 31), months)


def test_sunday_is_weekday_zero():
    assert [weekday(date(2027, 3, day)) for day in (14, 15, 20)] == [0, 1, 6]


@pytest.mark.parametrize(
    ("starts_on", "first"),
    [(1, date(2027, 3, 15)), (0, date(2027, 3, 14)), (6, date(2027, 3, 13))],
)
def test_a_week_starts_on_the_day_asked_for(starts_on, first):
    assert first_of_week(date(2027, 3, 17), starts_on) == first


def test_windows_cross_the_turn_of_the_year():
    december = Calendar(datetime(2027, 12, 31, 12, tzinfo=UTC), UTC)

    assert window("this_month", december) == (date(2027, 12, 1), date(2028, 1, 1))
    assert window("next_month", december) == (date(2028, 1, 1), date(2028, 2, 1))
    assert window("last_year", december) == (date(2026, 1, 1), date(2027, 1, 1))


def test_a_leap_day_is_remembered_on_the_28th():
    assert anniversary(date(2024, 2, 29), 2027) == date(2027, 2, 28)
    assert anniversary(date(2024, 2, 29), 2028) == date(2028, 2, 29)
    assert anniversary(date(2024, 12, 31), 2027) == date(2027, 12, 31)
