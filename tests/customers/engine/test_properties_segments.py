"""Every operator at every path of customers means what it is said to mean."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.engine.segments import (
    SEGMENT_FIELDS,
    attribute,
    belongs,
    kind_of,
    parse_segment_filter,
)
from promo.calendar_windows import Calendar
from promo.comparison import Kind
from promo.errors import InvalidPayload
from promo.filter_grammar import OPERATORS, STATUS_OPERATORS, allows
from promo.geometry import Circle, Point
from tests.customers import plain
from tests.redemptions.engine.situations import thorough

CALENDAR = Calendar(plain.NOW, plain.ZONE)
LOCATIONS = {plain.HERE: Circle(Point(52.23, 21.01), 10_000.0)}
SCHEMA = {key: Kind(kind) for key, kind in plain.DECLARED.items()}
RENTED = "events.car.rented."


def profile_of(facts):
    """Return somebody as the engine sees them."""
    events = {}
    if facts[f"{RENTED}count"]:
        parts = ("count", "first_occurred_at", "last_occurred_at")
        events["car.rented"] = {part: facts[f"{RENTED}{part}"] for part in parts}
    return {**plain.nested(facts), "events": events}


def answer(body, profile):
    return belongs(
        parse_segment_filter(body),
        profile,
        CALENDAR,
        locations=LOCATIONS,
        schema=SCHEMA,
    )


def test_everything_that_may_be_asked_is_tried():
    every = {one for one in OPERATORS if one not in STATUS_OPERATORS}
    open_ended = {one.removesuffix("*") for one in SEGMENT_FIELDS if one.endswith("*")}
    fixed = {one for one in SEGMENT_FIELDS if not one.endswith("*")}

    assert set(plain.OPERATORS) == every
    assert len(every) == 59
    assert fixed <= set(plain.KINDS)
    assert {one for one in plain.KINDS if not allows(SEGMENT_FIELDS, one)} == set()
    for prefix in open_ended:
        assert any(path.startswith(prefix) for path in plain.KINDS)
    for part in ("count", "first_occurred_at", "last_occurred_at"):
        assert any(path.endswith(f".{part}") for path in plain.KINDS)


def test_the_types_of_paths_are_the_same_on_either_side():
    names = {
        Kind.TEXT: "text",
        Kind.NUMBER: "number",
        Kind.DATE: "date",
        Kind.DATETIME: "moment",
        None: None,
    }
    said = {p: names[kind_of(p)] for p in plain.KINDS if not p.startswith("metadata.")}

    assert said == {path: plain.KINDS[path] for path in said}


@thorough
@given(plain.people())
def test_a_path_finds_what_stands_there(facts):
    profile = profile_of(facts)

    assert {path: attribute(profile, path) for path in facts} == facts


@thorough
@given(st.data(), plain.people())
def test_every_operator_says_of_a_fact_what_it_means(data, facts):
    profile = profile_of(facts)
    some = st.lists(st.sampled_from(plain.PATHS), min_size=4, max_size=4, unique=True)

    for path in data.draw(some):
        asked = data.draw(plain.operands(path, facts[path]))
        for operator, values in asked.items():
            body = {"junction": "and", path: {"conditions": {operator: values}}}
            said = answer(body, profile), plain.belongs(body, facts)
            assert said[0] == said[1], (operator, path, facts[path], values)


@thorough
@given(st.data(), plain.people())
def test_a_filter_says_of_somebody_what_its_conditions_do(data, facts):
    body = data.draw(plain.filters(facts))

    assert answer(body, profile_of(facts)) == plain.belongs(body, facts)


@pytest.mark.parametrize("operator", sorted(STATUS_OPERATORS))
@pytest.mark.parametrize("path", sorted(plain.KINDS))
def test_states_of_codes_are_not_asked_of_customers(operator, path):
    body = {"junction": "and", path: {"conditions": {operator: [True]}}}

    with pytest.raises(InvalidPayload):
        parse_segment_filter(body)


def test_the_plain_calendar_is_that_of_the_project():
    assert datetime(2027, 3, 17, 0, 30, tzinfo=plain.ZONE) == plain.NOW
    assert plain.NOW.tzinfo is UTC
    assert CALENDAR.today == plain.TODAY
