"""Why somebody is in a segment, in sentences."""

from datetime import UTC, datetime

import pytest

from customers.engine.segment_reasons import DEMANDS, Facts, Voice, reasons
from customers.engine.segments import KINDS, parse_segment_filter
from promo.calendar_windows import Calendar
from promo.filter_grammar import OPERATORS, STATUS_OPERATORS, WINDOW_OPERATORS
from tests.customers.engine.test_segments import ADA, NOBODY, segment

CALENDAR = Calendar(datetime(2027, 3, 17, 12, tzinfo=UTC), UTC)
VOICE = Voice(lambda amount: f"{amount / 100:.2f} EUR", {"loc_1": "Warsaw"})


def why(profile=ADA, junction="and", **fields):
    filters = parse_segment_filter(segment(junction, **fields))
    return reasons(filters, Facts(profile, CALENDAR, {}), VOICE)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"address__city": {"$in": ["Paris", "Lyon"]}},
            "City is Paris, needs to be Paris or Lyon",
        ),
        (
            {"summary__orders__total_amount": {"$more_than_equal": [10_000]}},
            "Spent is 120.00 EUR, needs at least 100.00 EUR",
        ),
        (
            {"loyalty__points": {"$more_than": [10], "$less_than": [2_000]}},
            "Points is 40, needs more than 10 and needs less than 2,000",
        ),
        (
            {"metadata__vip": {"$is": [True]}},
            "Vip is yes, needs to be yes",
        ),
        (
            {"phone": {"$is_unknown": [True]}},
            "Phone is not known, needs to be unknown",
        ),
        (
            {"created_at": {"$more_than": [30]}},
            "Known since is 2027-01-01 00:00, needs to be more than 30 days ago",
        ),
        (
            {"created_at": {"$after": ["2026-12-31"]}},
            "Known since is 2027-01-01 00:00, needs to be after 2026-12-31",
        ),
        (
            {"birthdate": {"$next_month": [True]}},
            "Date of birth is 1990-04-02, needs to lie in next month, in any year",
        ),
        (
            {"birthdate": {"$is_month": [4]}},
            "Date of birth is 1990-04-02, needs to be in April",
        ),
        (
            {"birthdate": {"$is_day": [1]}},
            "Date of birth is 1990-04-02, needs to fall on Monday",
        ),
        (
            {"summary__orders__last_order_date": {"$last_week": [True]}},
            "Day of the last order is 2027-03-10 08:00, needs to lie in last week",
        ),
        (
            {"events__car.rented__count": {"$more_than": [1]}},
            "Times of car.rented is 2, needs more than 1",
        ),
        (
            {"loyalty_points__campaigns__Tiers 2.0__points": {"$is": [30]}},
            "Points in Tiers 2.0 is 30, needs to be 30",
        ),
        (
            {"loyalty_tier__campaigns__Tiers 2.0": {"$is": ["ltr_gold"]}},
            "Tier in Tiers 2.0 is ltr_gold, needs to be ltr_gold",
        ),
        (
            {"metadata__home": {"$in_location": ["loc_1"]}},
            "Home is geo:52.1,21.0, needs to lie in Warsaw",
        ),
        (
            {"email": {"$is_not": [""]}},
            "E-mail address is Ada@Example.com, must not be empty",
        ),
    ],
)
def test_a_reason_says_what_was_found_and_what_it_needs(fields, said):
    assert why(**fields) == [said]


def test_where_all_must_hold_all_are_told():
    told = why(name={"$is": ["Ada"]}, address__country={"$is": ["FR"]})

    assert told == ["Name is Ada, needs to be Ada", "Country is FR, needs to be FR"]


def test_where_one_is_enough_those_that_hold_are_told():
    told = why(
        junction="or", name={"$is": ["Bob"]}, address__country={"$is": ["FR", "DE"]}
    )

    assert told == ["Country is FR, needs to be FR or DE"]


def test_several_values_are_told_together():
    ada = {**ADA, "metadata": {"teams": ["red", "blue"]}}

    assert why(ada, metadata__teams={"$contains": ["red"]}) == [
        "Teams is red and blue, needs to contain red"
    ]


def test_every_operator_has_words():
    asked = set(OPERATORS) - STATUS_OPERATORS
    windows = WINDOW_OPERATORS | {f"{name}_md" for name in WINDOW_OPERATORS}

    assert asked - windows == set(DEMANDS)


@pytest.mark.parametrize("operator", sorted(set(OPERATORS) - STATUS_OPERATORS))
def test_every_question_about_anybody_can_be_told(operator):
    facts = Facts(NOBODY, CALENDAR, {})

    for path in sorted(KINDS):
        body = {"junction": "and", path: {"conditions": {operator: [1]}}}
        [told] = reasons(parse_segment_filter(body), facts, VOICE)

        assert " is not known, " in told
