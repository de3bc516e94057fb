"""What each operator of the filter language accepts."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from promo.calendar_windows import Calendar
from promo.comparison import Kind
from promo.filter_grammar import OPERATORS, Record, matches, parse_filter
from promo.filter_grammar.grammar import NEGATIVE_OPERATORS, STATUS_OPERATORS
from promo.geometry import Circle, Point

# A Wednesday, 00:30 in Warsaw and still Tuesday in UTC.
NOW = datetime(2027, 3, 16, 23, 30, tzinfo=UTC)
CALENDAR = Calendar(NOW, ZoneInfo("Europe/Warsaw"))
LOCATIONS = {"loc_1": Circle(Point(52.23, 21.01), 10_000)}


def holds(
    operator: str,
    fact: Any,
    *values: Any,
    field: str = "metadata.x",
    kind: Kind | None = None,
    junction: str = "and",
) -> bool:
    body = {"junction": junction, field: {"conditions": {operator: list(values)}}}
    record = Record({field: fact}.get, lambda _: kind)
    return matches(parse_filter(body), record, CALENDAR, LOCATIONS)


@pytest.mark.parametrize(
    ("operator", "fact", "values", "expected"),
    [
        ("$is", "a", ["a"], True),
        ("$is", "A", ["a"], False),
        ("$is", 5, ["5"], True),
        ("$is", "05", [5], True),
        ("$is", True, ["true"], True),
        ("$is", True, [1], False),
        ("$is", ["a", "b"], ["b"], True),
        ("$is", "b", ["a", "b"], False),
        ("$is", {"a": 1}, ["a"], False),
        ("$is", "a", [], False),
        ("$is_not", "a", ["b"], True),
        ("$is_not", ["a", "b"], ["b"], False),
        ("$in", "b", ["a", "b"], True),
        ("$in", "c", ["a", "b"], False),
        ("$not_in", "c", ["a", "b"], True),
        ("$not_in", ["c", "a"], ["a", "b"], False),
        ("$contains", "lighting", ["gh"], True),
        ("$contains", 12345, ["23"], False),
        ("$contains", "lighting", [None], False),
        ("$not_contain", "lighting", ["gh"], False),
        ("$not_contain", "lighting", ["zz"], True),
        ("$starts_with", "lighting", ["x", "li"], True),
        ("$ends_with", "lighting", ["ing"], True),
        ("$has_value", "x", [""], True),
        ("$is_unknown", "x", [""], False),
        ("$more_than", 10, ["9"], True),
        ("$more_than", "10", ["9"], True),
        ("$more_than", "b", ["a"], True),
        ("$more_than", True, [0], False),
        ("$less_than", 10, ["9"], False),
        ("$more_than_equal", 9, [9], True),
        ("$less_than_equal", 9, [8], False),
        ("$after", "2027-03-01", ["2027-02-28"], True),
        ("$after", "2027-03-01", ["2027-03-01"], False),
        ("$before", "2027-03-01T10:00:00Z", ["2027-03-01T11:00:01+01:00"], True),
        ("$before", "soon", ["2027-03-01"], False),
        ("$count", ["a", "b"], [2], True),
        ("$count", "a", [1], True),
        ("$count_more", ["a", "b"], ["1"], True),
        ("$count_less", ["a", "b"], [2], False),
        ("$count_less", ["a", "b"], ["many"], False),
        ("$in_location", "geo:52.24,21.00", ["loc_2", "loc_1"], True),
        ("$in_location", "50.06, 19.94", ["loc_1"], False),
        ("$not_in_location", "50.06, 19.94", ["loc_1"], True),
        ("$not_in_location", ["50.06, 19.94", "52.24,21.00"], ["loc_1"], False),
        ("$not_in_location", "Warsaw", ["loc_1"], False),
        ("$active", "active", [True], True),
        ("$redeemable", ["active", "redeemable"], [True], True),
        ("$expired", ["active"], [True], False),
    ],
)
def test_an_operator_on_a_value(operator, fact, values, expected):
    assert holds(operator, fact, *values) is expected


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_a_missing_attribute_satisfies_the_negative_operators_alone(operator):
    expected = operator in NEGATIVE_OPERATORS | {"$is_unknown", "$count_less"}

    assert holds(operator, None, "1") is expected


@pytest.mark.parametrize(
    ("operator", "fact", "value", "expected"),
    [
        ("$today", "2027-03-17", True, True),
        ("$today", "2027-03-16T23:00:00Z", True, True),
        ("$today", "2027-03-16T22:59:59Z", True, False),
        ("$yesterday", "2027-03-16", True, True),
        ("$tomorrow", "2027-03-18", True, True),
        ("$this_week", "2027-03-15", True, True),
        ("$this_week", "2027-03-21", True, True),
        ("$this_week", "2027-03-22", True, False),
        ("$last_week", "2027-03-14", True, True),
        ("$next_week", "2027-03-22", True, True),
        ("$this_month", "2027-03-31", True, True),
        ("$last_month", "2027-02-28", True, True),
        ("$next_month", "2027-04-01", True, True),
        ("$this_year", "2027-12-31", True, True),
        ("$last_year", "2026-01-01", True, True),
        ("$next_year", "2028-12-31", True, True),
        ("$this_year", "not a date", True, False),
        ("$is_days_ago", "2027-03-16", 1, True),
        ("$is_days_ago", "2027-03-16", "soon", False),
        ("$more_than_ago", "2027-03-16", 1, False),
        ("$more_than_ago", "2027-03-15", 1, True),
        ("$less_than_ago", "2027-03-16", 2, True),
        ("$less_than_ago", "2027-03-18", 2, False),
        ("$is_days_in_future", "2027-03-19", "2", True),
        ("$more_than_future", "2027-03-20", 2, True),
        ("$less_than_future", "2027-03-18", 2, True),
        ("$less_than_future", "2027-03-16", 2, False),
        ("$is_day", "2027-03-14", 0, True),
        ("$is_day", "2027-03-15", 0, False),
        ("$is_month", "2027-03-15", "3", True),
        ("$is_year", "2027-03-15", 2027, True),
        ("$is_day_of_month", "2027-03-15", 15, True),
        ("$is_day_of_month", "whenever", 15, False),
        ("$is_years_ago", "2017-03-17", 10, True),
        ("$is_years_ago", "2017-03-18", 10, False),
        ("$is_years_ago", "2017-03-17", "ten", False),
        ("$today_md", "1990-03-17", True, True),
        ("$yesterday_md", "1990-03-16", True, True),
        ("$tomorrow_md", "1990-03-17", True, False),
        ("$this_week_md", "1990-03-21", True, True),
        ("$last_week_md", "1990-03-08", True, True),
        ("$next_week_md", "1990-03-22", True, True),
        ("$this_month_md", "1990-03-31", True, True),
        ("$last_month_md", "1990-02-01", True, True),
        ("$next_month_md", "1990-04-30", True, True),
        ("$next_month_md", "unknown", True, False),
        ("$is_days_ago_md", "1990-03-07", 10, True),
        ("$is_more_days_ago_md", "1990-03-18", 363, True),
        ("$is_less_days_ago_md", "1990-03-16", 2, True),
        ("$is_days_in_future_md", "1990-03-16", 365, True),
        ("$is_more_days_in_future_md", "1990-03-16", 364, True),
        ("$is_less_days_in_future_md", "1990-03-17", 1, True),
    ],
)
def test_a_calendar_operator_counts_days_in_the_project_zone(
    operator, fact, value, expected
):
    assert holds(operator, fact, value) is expected


def test_the_week_starts_on_the_day_of_the_locale():
    calendar = Calendar(NOW, ZoneInfo("Europe/Warsaw"), week_starts_on=0)
    filters = parse_filter({"seen": {"conditions": {"$this_week": [True]}}})

    sunday = Record({"seen": "2027-03-14"}.get)

    assert matches(filters, sunday, calendar)
    assert not matches(filters, sunday, CALENDAR)


@pytest.mark.parametrize(
    ("operator", "days", "expected"),
    [("$more_than", "15", True), ("$more_than", 16, False), ("$less_than", "17", True)],
)
def test_more_than_on_a_date_means_days_ago(operator, days, expected):
    assert holds(operator, date(2027, 3, 1), days) is expected
    assert holds(operator, "2027-03-01", days, kind=Kind.DATE) is expected


def test_more_than_on_a_date_compares_with_a_date_too():
    assert holds("$more_than", date(2027, 3, 1), "2027-02-01")
    assert holds("$after", date(2027, 3, 1), "2027-02-28T22:59:59Z")
    assert not holds("$more_than", "never", 3, kind=Kind.DATE)


def test_a_birthdate_ignores_the_year_in_calendar_windows():
    assert holds("$next_month", "1990-04-02", "true", field="birthdate")
    assert not holds("$next_month", "1990-04-02", "true", field="metadata.since")


def test_a_leap_day_has_its_anniversary_on_the_last_of_february():
    assert holds("$last_month_md", "2024-02-29", "true")


def test_an_email_is_compared_without_regard_to_case():
    assert holds("$is", "Ann@Example.com", "ann@example.COM", field="email")
    assert holds("$in", "Ann@Example.com", None, "ann@example.COM", field="email")


def test_is_with_several_values_under_or_means_any_of_them():
    assert holds("$is", "b", "a", "b", junction="or")


def test_several_operators_of_one_attribute_must_all_hold():
    filters = parse_filter(
        {
            "junction": "or",
            "price": {"conditions": {"$more_than": [100], "$less_than": [200]}},
        }
    )

    assert matches(filters, Record({"price": 150}.get), CALENDAR)
    assert not matches(filters, Record({"price": 250}.get), CALENDAR)


@pytest.mark.parametrize(("junction", "expected"), [("and", False), ("or", True)])
def test_the_junction_joins_the_attributes(junction, expected):
    filters = parse_filter(
        {
            "junction": junction,
            "name": {"conditions": {"$is": ["lamp"]}},
            "price": {"conditions": {"$is": [1]}},
        }
    )

    record = Record({"name": "lamp", "price": 2}.get)

    assert matches(filters, record, CALENDAR) is expected


@pytest.mark.parametrize("junction", ["and", "or"])
def test_an_empty_filter_accepts_everything(junction):
    filters = parse_filter({"junction": junction})

    assert matches(filters, Record({}.get), CALENDAR)


def test_status_flags_read_the_states_of_the_record():
    for operator in STATUS_OPERATORS:
        assert holds(operator, [operator.removeprefix("$")], "true")


def test_places_may_be_looked_for_somewhere_else():
    body = {"metadata.x": {"conditions": {"$in_location": ["loc_1"], "$is": ["home"]}}}
    record = Record({"metadata.x": "home"}.get, place=lambda _: "52.23, 21.01")

    assert matches(parse_filter(body), record, CALENDAR, LOCATIONS)
