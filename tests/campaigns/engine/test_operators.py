"""What each operator of the rule language says."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from campaigns.engine.operators import SETS, SHARED, TESTS, holds
from campaigns.engine.rule_catalogue import METADATA
from promo.calendar_windows import Calendar
from promo.comparison import Kind

WARSAW = ZoneInfo("Europe/Warsaw")
# Wednesday 2027-03-17, 00:30 in Warsaw.
CALENDAR = Calendar(datetime(2027, 3, 16, 23, 30, tzinfo=UTC), WARSAW)


def test_every_operator_on_metadata_is_evaluated():
    assert SHARED.keys() | SETS.keys() | TESTS.keys() == METADATA


CHANNELS = [
    ("$is", ["app"], [True, False, False, False, True]),
    ("$is_not", ["app"], [False, True, True, True, False]),
    ("$count", [2], [True, False, False, False, False]),
    ("$not_differ", ["web", "app"], [True, False, False, False, False]),
    ("$not_intersect", ["pos"], [True, False, True, True, True]),
]


@pytest.mark.spec('rules 3.3 ["app","web"]')
@pytest.mark.spec('rules 3.3 ["pos"]')
@pytest.mark.spec("rules 3.3 [] or absent")
@pytest.mark.spec('rules 3.3 "app"')
@pytest.mark.spec("rules 3.1 $not_intersect")
@pytest.mark.parametrize(("operator", "values", "expected"), CHANNELS)
def test_the_table_of_channels(operator, values, expected):
    facts = [["app", "web"], ["pos"], [], None, "app"]

    assert [holds(operator, fact, values, CALENDAR) for fact in facts] == expected


@pytest.mark.spec("rules 3.1 $not_differ")
@pytest.mark.spec("rules 3.3 $not_differ")
def test_not_differ_ignores_order_and_repeats():
    assert holds("$not_differ", ["a", "b", "a"], ["b", "a"], CALENDAR)
    assert not holds("$not_differ", ["a"], ["a", "b"], CALENDAR)


@pytest.mark.spec("rules 3.1 $more_than, $more_than_or_equal")
@pytest.mark.spec("rules 3.1 $less_than, $less_than_or_equal")
@pytest.mark.spec("rules 3.1 $dow")
@pytest.mark.spec("rules 3.2 Undeclared property")
@pytest.mark.spec("rules 3.2 Prefix/substring on numbers")
@pytest.mark.spec("rules 3.2 Text comparison")
@pytest.mark.spec("rules 3.2 Dates")
@pytest.mark.spec("rules 3.2 Day-distance operators")
@pytest.mark.parametrize(
    ("operator", "fact", "values", "kind", "expected"),
    [
        ("$more_than", 10, [9], None, True),
        ("$more_than", 9, [9], None, False),
        ("$more_than_or_equal", 9, [9], None, True),
        ("$less_than", "10", ["9"], None, False),
        ("$less_than", "10", ["9"], Kind.TEXT, True),
        ("$less_than_or_equal", 9, [9], None, True),
        ("$more_than", True, [0], None, False),
        ("$more_than", "2027-03-01", [10], Kind.DATE, False),
        ("$more_than", "2027-03-01", ["2027-02-28"], Kind.DATE, True),
        ("$starts_with", "411111", ["41", "51"], None, True),
        ("$starts_with", 411111, ["41"], None, False),
        ("$contains", "Lamp", ["lamp"], None, False),
        ("$is_days_ago", "2027-03-16T22:50:00Z", [1], None, True),
        ("$less_than_ago", "2027-03-17", [1], None, True),
        ("$less_than_ago", "2027-03-18", [1], None, False),
        ("$more_than_future", "2027-03-20", [2], None, True),
        ("$dow", "2027-03-14", [0], None, True),
        ("$dow", "2027-03-14", [1, 2], None, False),
        ("$is", "2027-03-16T23:30:00Z", ["2027-03-17"], Kind.DATE, True),
        ("$is", "2027-03-16T23:30:00Z", ["2027-03-17"], Kind.DATETIME, False),
    ],
)
def test_an_operator_on_a_value(operator, fact, values, kind, expected):
    assert holds(operator, fact, values, CALENDAR, kind) is expected


@pytest.mark.spec("rules 3.1 $after, $before")
@pytest.mark.parametrize(
    ("fact", "later", "earlier"),
    [
        # The day begins at 23:00 of the day before, in UTC.
        ("2027-03-16T22:59:59Z", False, True),
        ("2027-03-16T23:00:00Z", False, False),
        ("2027-03-16T23:00:01Z", True, False),
        ("2027-03-17", False, False),
        ("2027-03-18", True, False),
        ("someday", False, False),
    ],
)
def test_after_and_before_are_strict(fact, later, earlier):
    day = ["2027-03-17"]

    assert holds("$after", fact, day, CALENDAR) is later
    assert holds("$before", fact, day, CALENDAR) is earlier


#: Days from three ago to three ahead, today in the middle.
WEEK = [f"2027-03-{day}" for day in range(14, 21)]


@pytest.mark.spec("rules 3.1 $more_than_ago, $less_than_ago, $is_days_ago")
@pytest.mark.spec("rules 3.1 $more_than_future, $less_than_future")
@pytest.mark.spec("rules 3.2 Day-distance operators")
@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("$more_than_ago", [14]),
        ("$less_than_ago", [16, 17]),
        ("$is_days_ago", [15]),
        ("$more_than_future", [20]),
        ("$less_than_future", [17, 18]),
        ("$is_days_in_future", [19]),
    ],
)
def test_two_days_from_today(operator, expected):
    found = [day for day in WEEK if holds(operator, day, [2], CALENDAR)]

    assert found == [f"2027-03-{day}" for day in expected]


@pytest.mark.spec("rules 3.1 $count, $count_more, $count_less")
@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("$count", [False, True, False]),
        ("$count_more", [False, False, True]),
        ("$count_less", [True, False, False]),
    ],
)
def test_elements_are_counted(operator, expected):
    facts = [["a"], ["a", "b"], ["a", "b", "b"]]

    assert [holds(operator, fact, [2], CALENDAR) for fact in facts] == expected


REPEATING = "2027-02-01T08:30:00Z;P2D;PT3H"


@pytest.mark.spec("rules 3.1 $timeframe")
@pytest.mark.spec("rules 3.1 $timeframe_absolute")
@pytest.mark.spec("rules 3.1 $timeframe_daily_hours")
@pytest.mark.spec("rules 3.2 Invalid fact (unparsable date)")
@pytest.mark.parametrize(
    ("operator", "fact", "values", "expected"),
    [
        ("$timeframe", "2027-02-03T08:30:00Z", [REPEATING], True),
        ("$timeframe", "2027-02-05T11:29:59Z", [REPEATING], True),
        ("$timeframe", "2027-02-05T11:30:00Z", [REPEATING], False),
        ("$timeframe", "2027-02-04T09:00:00Z", [REPEATING], False),
        ("$timeframe", "2027-02-04T09:00:00Z", [REPEATING, "2027-02-04;;P1D"], True),
        ("$timeframe", "someday", [REPEATING], False),
        ("$timeframe", "2027-02-03T08:30:00Z", ["broken"], False),
        ("$timeframe_absolute", "2027-02-01", ["2027-02-01;2027-02-02"], True),
        ("$timeframe_absolute", "2027-02-02", ["2027-02-01;2027-02-02"], False),
        ("$timeframe_absolute", "someday", ["2027-02-01;2027-02-02"], False),
        ("$timeframe_absolute", "2027-02-01", ["broken"], False),
        # Thursday and Friday, 17:30 to 21:15, in Warsaw.
        ("$timeframe_daily_hours", "2027-03-18T16:30:00Z", ["17:30;21:15;4,5"], True),
        ("$timeframe_daily_hours", "2027-03-18T20:15:00Z", ["17:30;21:15;4,5"], False),
        ("$timeframe_daily_hours", "2027-03-17T17:00:00Z", ["17:30;21:15;4,5"], False),
        ("$timeframe_daily_hours", "2027-03-17T17:00:00Z", ["broken"], False),
        ("$timeframe_daily_hours", "someday", ["17:30;21:15"], False),
    ],
)
def test_windows_of_time(operator, fact, values, expected):
    assert holds(operator, fact, values, CALENDAR) is expected


@pytest.mark.spec("rules 3.3 $is, $in")
@pytest.mark.spec("rules 3.3 $is_not, $not_in")
@pytest.mark.spec("rules 3.3 ordering, text, date operators")
@pytest.mark.spec("rules 3.3 $count family")
@pytest.mark.spec("rules 3.3 $not_intersect")
@pytest.mark.parametrize("operator", sorted(METADATA))
def test_a_missing_fact_satisfies_the_negative_operators_alone(operator):
    expected = operator in {"$is_not", "$not_in", "$not_intersect", "$count_less"}

    assert holds(operator, None, ["1"], CALENDAR) is expected
