"""When something is valid, on the project's clock."""

from datetime import UTC, datetime, timedelta
from itertools import count, islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.engine.validity import State, Validity, is_open, minutes, state_at
from promo.durations import Duration, add

WARSAW = ZoneInfo("Europe/Warsaw")


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=WARSAW)


START, END = local(2027, 2, 1, 8, 30), local(2027, 3, 1)


@pytest.mark.spec("rules 9.1 start_date, expiration_date")
@pytest.mark.parametrize(
    ("now", "state"),
    [
        (START - timedelta(microseconds=1), State.NOT_STARTED),
        (START, State.VALID),
        (END, State.VALID),
        (END + timedelta(microseconds=1), State.EXPIRED),
    ],
)
def test_start_and_expiration_are_both_still_valid(now, state):
    assert state_at(Validity(start=START, expiration=END), now, WARSAW) is state


def test_nothing_set_is_always_valid():
    assert state_at(Validity(), START, WARSAW) is State.VALID


ALTERNATE = Validity(
    start=START, timeframe={"duration": "PT3H", "interval": "P2D"}, days=(1, 5)
)


@pytest.mark.spec("rules 9.1 validity_timeframe")
@pytest.mark.spec("rules 9.1 validity_day_of_week")
@pytest.mark.spec("rules 9.1 timeframe + days of week")
@pytest.mark.spec("rules 9.1 any of them + start / expiration")
@pytest.mark.parametrize(
    ("now", "state"),
    [
        (local(2027, 2, 1, 8, 30), State.VALID),
        (local(2027, 2, 1, 11, 29, 59), State.VALID),
        (local(2027, 2, 1, 11, 30), State.OUTSIDE_WINDOW),
        (local(2027, 2, 2, 9), State.OUTSIDE_WINDOW),
        (local(2027, 2, 3, 9), State.OUTSIDE_WINDOW),
        (local(2027, 2, 5, 9), State.VALID),
        (local(2027, 2, 8, 9), State.OUTSIDE_WINDOW),
        (local(2027, 2, 15, 9), State.VALID),
        (local(2027, 2, 15, 8, 29), State.OUTSIDE_WINDOW),
    ],
)
def test_windows_every_other_day_count_on_mondays_and_fridays(now, state):
    assert state_at(ALTERNATE, now, WARSAW) is state


@pytest.mark.parametrize("day", [(2027, 3, 27), (2027, 3, 28), (2027, 10, 31)])
def test_a_daily_window_stays_at_its_time_over_the_change_of_clocks(day):
    daily = Validity(start=START, timeframe={"duration": "PT1H", "interval": "P1D"})

    assert state_at(daily, local(*day, 8, 29), WARSAW) is State.OUTSIDE_WINDOW
    assert state_at(daily, local(*day, 8, 30), WARSAW) is State.VALID
    assert state_at(daily, local(*day, 9, 30), WARSAW) is State.OUTSIDE_WINDOW


def test_an_interval_in_hours_moves_with_the_change_of_clocks():
    by_hours = Validity(
        start=START, timeframe={"duration": "PT1H", "interval": "PT24H"}
    )

    assert state_at(by_hours, local(2027, 3, 28, 8, 45), WARSAW) is State.OUTSIDE_WINDOW
    assert state_at(by_hours, local(2027, 3, 28, 9, 45), WARSAW) is State.VALID


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ((2027, 2, 28), State.VALID),
        ((2027, 3, 1), State.OUTSIDE_WINDOW),
        ((2027, 3, 28), State.OUTSIDE_WINDOW),
        ((2027, 3, 31), State.VALID),
        ((2028, 2, 29), State.VALID),
    ],
)
def test_a_month_counts_from_the_first_day_and_clamps(day, state):
    monthly = Validity(
        start=local(2027, 1, 31), timeframe={"duration": "P1D", "interval": "P1M"}
    )

    assert state_at(monthly, local(*day, 12), WARSAW) is state


def test_without_interval_there_is_one_window():
    once = Validity(start=START, timeframe={"duration": "P1D"})

    assert state_at(once, START + timedelta(hours=23), WARSAW) is State.VALID
    assert state_at(once, START + timedelta(hours=24), WARSAW) is State.OUTSIDE_WINDOW


def test_without_anchor_no_window_is_open():
    frame = {"duration": "P1D", "interval": "P1D"}

    assert state_at(Validity(timeframe=frame), START, WARSAW) is State.OUTSIDE_WINDOW
    created = Validity(timeframe=frame, anchor=START)
    assert state_at(created, START, WARSAW) is State.VALID
    later = START - timedelta(seconds=1)
    assert state_at(created, later, WARSAW) is State.OUTSIDE_WINDOW


def test_without_duration_no_window_is_open():
    frame = Validity(start=START, timeframe={"interval": "P1D"})

    assert state_at(frame, START, WARSAW) is State.OUTSIDE_WINDOW


def test_a_window_as_long_as_its_interval_is_always_open():
    frame = Validity(start=START, timeframe={"duration": "P1D", "interval": "P1D"})

    assert all(
        state_at(frame, START + timedelta(minutes=minute), WARSAW) is State.VALID
        for minute in range(0, 200_000, 317)
    )


def test_windows_at_the_end_of_time_do_not_fail():
    frame = {"duration": "P9999Y", "interval": "P9000Y"}
    eternal = Validity(start=START, timeframe=frame)

    assert state_at(eternal, local(9990, 1, 1), WARSAW) is State.VALID
    monthly = Duration(months=1)
    assert is_open(local(2, 1, 1), monthly, Duration(days=1), local(9990, 1, 1), WARSAW)


@given(
    interval=st.builds(
        Duration, st.integers(0, 14), st.integers(0, 40), st.integers(600, 200_000)
    ),
    length=st.integers(1, 400_000),
    times=st.integers(0, 300),
    off=st.integers(-3_600, 400_000),
)
def test_the_window_found_is_the_one_a_walk_finds(interval, length, times, off):
    duration = Duration(seconds=length)
    now = add(START, interval, WARSAW, times) + timedelta(seconds=off)

    # ``off`` reaches back over six of the shortest intervals.
    begun = takewhile(
        lambda opened: opened <= now,
        (add(START, interval, WARSAW, k) for k in count(max(0, times - 7))),
    )
    last = max(islice(begun, 500_000), default=None)

    walked = last is not None and now < last + timedelta(seconds=length)
    assert is_open(START, interval, duration, now, WARSAW) is walked


def hours(*entries: dict) -> Validity:
    return Validity(hours=entries)


@pytest.mark.spec("rules 9.1 validity_hours.daily[]")
@pytest.mark.parametrize(
    ("entry", "now", "state"),
    [
        # Friday 2027-03-19, 22:00 to 02:00
        (
            {"start_time": "22:00", "expiration_time": "02:00", "days_of_week": [5]},
            local(2027, 3, 20, 0, 30),
            State.VALID,
        ),
        (
            {"start_time": "22:00", "expiration_time": "02:00", "days_of_week": [5]},
            local(2027, 3, 19, 0, 30),
            State.OUTSIDE_WINDOW,
        ),
        (
            {"start_time": "22:00", "expiration_time": "02:00", "days_of_week": [5]},
            local(2027, 3, 19, 22, 0),
            State.VALID,
        ),
        (
            {"start_time": "22:00", "expiration_time": "02:00", "days_of_week": [5]},
            local(2027, 3, 20, 2, 0),
            State.OUTSIDE_WINDOW,
        ),
        (
            {"start_time": "12:00", "expiration_time": "14:00", "days_of_week": [1]},
            local(2027, 3, 15, 12, 0),
            State.VALID,
        ),
        (
            {"start_time": "12:00", "expiration_time": "14:00", "days_of_week": [1]},
            local(2027, 3, 15, 14, 0),
            State.OUTSIDE_WINDOW,
        ),
        (
            {"start_time": "12:00", "expiration_time": "14:00", "days_of_week": [1]},
            local(2027, 3, 16, 12, 0),
            State.OUTSIDE_WINDOW,
        ),
        (
            {"start_time": "12:00", "expiration_time": "23:59"},
            local(2027, 3, 16, 23, 59, 59),
            State.VALID,
        ),
        ({"start_time": "12:00"}, local(2027, 3, 16, 23, 59, 59), State.VALID),
        ({"expiration_time": "24:00"}, local(2027, 3, 16, 0, 0), State.VALID),
        ({"start_time": "12:00"}, local(2027, 3, 16, 11, 59), State.OUTSIDE_WINDOW),
    ],
)
def test_happy_hours(entry, now, state):
    assert state_at(hours(entry), now, WARSAW) is state


def test_any_of_several_happy_hours_will_do():
    both = hours(
        {"start_time": "08:00", "expiration_time": "09:00"},
        {"start_time": "17:00", "expiration_time": "18:00"},
    )

    assert state_at(both, local(2027, 3, 16, 17, 30), WARSAW) is State.VALID


def test_hours_and_weekdays_are_those_of_the_project_zone():
    monday = Validity(days=(1,))
    sunday_night_in_utc = datetime(2027, 3, 14, 23, 30, tzinfo=UTC)

    assert state_at(monday, sunday_night_in_utc, WARSAW) is State.VALID
    assert state_at(monday, sunday_night_in_utc, UTC) is State.OUTSIDE_WINDOW


def test_minutes_read_seconds_away():
    assert minutes("08:30:15") == 510


@pytest.mark.spec("rules 9.3 voucher without own dates")
@pytest.mark.spec("rules 9.3 voucher with own dates")
@pytest.mark.spec("rules 9.3 promotion tier")
@pytest.mark.spec("rules 9.3 recurring limits on voucher and campaign")
def test_own_limits_replace_the_campaigns_field_by_field():
    campaign = Validity(
        start=START,
        expiration=END,
        timeframe={"duration": "PT1H", "interval": "P1D"},
        days=(1,),
        anchor=START,
    )
    own = Validity(expiration=END + timedelta(6), days=(2, 3))

    assert own.over(campaign) == Validity(
        start=START,
        expiration=END + timedelta(6),
        timeframe={"duration": "PT1H", "interval": "P1D"},
        days=(2, 3),
        anchor=START,
    )


def test_own_start_is_where_windows_count_from():
    campaign = Validity(start=START, timeframe={"duration": "PT1H", "interval": "P1D"})
    published = START + timedelta(10, hours=3)

    merged = Validity(start=published).over(campaign)

    assert merged.anchor == published
    assert state_at(merged, published + timedelta(1), WARSAW) is State.VALID


@pytest.mark.spec("rules 9.1 timeframe without start_date")
def test_without_any_start_windows_count_from_the_anchor_given():
    frame = {"duration": "PT1H", "interval": "P1D"}

    merged = Validity(anchor=END).over(Validity(timeframe=frame, anchor=START))

    assert merged.anchor == END
    assert Validity().over(Validity(anchor=START)).anchor == START


def test_limits_without_campaign_are_themselves():
    own = Validity(start=START)

    assert own.over(None) is own
