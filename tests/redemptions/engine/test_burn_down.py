"""How a budget is used up, and the day on which it will be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redemptions.engine.burn_down import (
    Budget,
    Point,
    Step,
    burn_down,
    pace_since,
    planned_left,
    runs_out_at,
)

START = datetime(2027, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
TEN = Budget(limit=1_000, start=START, end=START + 10 * DAY)
WEEK = 7 * DAY


@pytest.mark.parametrize(
    ("left", "recent", "over", "days"),
    [
        (700, 700, WEEK, 7),
        (50, 700, WEEK, 0.5),
        (0, 700, WEEK, 0),
        (-5, 0, WEEK, 0),
        (700, 0, WEEK, None),
        (700, -3, WEEK, None),
        (700, 10, timedelta(0), None),
        (10**12, 1, WEEK, None),
    ],
)
def test_a_budget_runs_out_at_the_pace_of_late(left, recent, over, days):
    found = runs_out_at(left, recent, over, START)

    assert found == (None if days is None else START + days * DAY)


def test_the_pace_is_of_a_week_or_of_all_the_time_there_was():
    assert pace_since(TEN, START + 3 * DAY) == START
    assert pace_since(TEN, START + 9 * DAY) == START + 2 * DAY


@pytest.mark.parametrize(
    ("days", "left"), [(-1, 1_000), (0, 1_000), (2.5, 750), (10, 0), (11, 0)]
)
def test_an_even_use_leaves_a_straight_line(days, left):
    assert planned_left(TEN, START + days * DAY) == left


@pytest.mark.parametrize("end", [None, START, START - DAY])
def test_nothing_is_planned_without_an_end(end):
    assert planned_left(Budget(1_000, START, end), START + DAY) is None


def days(*used):
    return [
        Step(START + place * DAY, START + (place + 1) * DAY, each)
        for place, each in enumerate(used)
    ]


def test_what_was_left_is_shown_until_now_and_the_pace_from_there_on():
    now = START + 1.5 * DAY
    runs_out = runs_out_at(600, 400, 1.5 * DAY, now)

    points = [*burn_down(TEN, days(300, 100, 0, 0, 0), 400, now, runs_out)]

    assert runs_out == START + 3.75 * DAY
    assert points == [
        Point(START, 700, 900, None),
        Point(START + DAY, 600, 800, 600),
        Point(START + 2 * DAY, None, 700, 200),
        Point(START + 3 * DAY, None, 600, 0),
        Point(START + 4 * DAY, None, 500, 0),
    ]


def test_what_nobody_uses_stays():
    points = [*burn_down(TEN, days(0, 0, 0), 250, START + DAY / 2, None)]

    assert [point.foreseen for point in points] == [750, 750, 750]
    assert [point.left for point in points] == [750, None, None]


@given(
    st.integers(1, 10**9),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=40),
    st.integers(0, 10**6),
    st.integers(0, 40),
)
def test_the_line_ends_at_what_is_left_and_never_rises(limit, used, before, at):
    now = START + min(at, len(used) - 1) * DAY
    used = [each if place <= at else 0 for place, each in enumerate(used)]
    total = before + sum(used)
    budget = Budget(limit, START, START + 30 * DAY)
    runs_out = runs_out_at(limit - total, sum(used), now - START, now)

    points = [*burn_down(budget, days(*used), total, now, runs_out)]

    lefts = [point.left for point in points if point.left is not None]
    foreseen = [point.foreseen for point in points if point.foreseen is not None]
    assert lefts[-1] == max(0, limit - total) == foreseen[0]
    for line in (lefts, foreseen):
        assert line == sorted(line, reverse=True)
        assert all(0 <= each <= limit for each in line)
