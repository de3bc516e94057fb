"""Membership of segments that a filter defines."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.engine.segments import (
    SEGMENT_FIELDS,
    attribute,
    belongs,
    changes_with_time,
    kind_of,
    parse_segment_filter,
)
from promo.calendar_windows import Calendar
from promo.comparison import Kind
from promo.errors import InvalidPayload
from promo.geometry import Circle, Point

CALENDAR = Calendar(datetime(2027, 3, 17, 12, tzinfo=UTC), UTC)

ADA = {
    "id": "cust_ada",
    "source_id": "crm-7",
    "name": "Ada",
    "email": "Ada@Example.com",
    "address": {"city": "Paris", "country": "FR"},
    "birthdate": "1990-04-02",
    "metadata": {"vip": True, "size": {"shoe": 38}, "home": "geo:52.1,21.0"},
    "system_metadata": {"origin": "import"},
    "summary": {
        "redemptions": {"total_succeeded": 3, "gift": {"amount_to_go": 500}},
        "orders": {"total_amount": 12_000, "last_order_date": "2027-03-10T08:00:00Z"},
    },
    "loyalty": {
        "points": 40,
        "referred_customers": 1,
        "campaigns": {"Tiers 2.0": {"points": 30, "loyalty_tier": "ltr_gold"}},
    },
    "events": {"car.rented": {"count": 2, "last_occurred_at": "2027-03-16T00:00:00Z"}},
    "created_at": "2027-01-01T00:00:00.000Z",
    "source": "API",
}
NOBODY: dict[str, object] = {}


def segment(junction="and", **fields):
    """Return a filter; ``__`` in a name stands for a dot."""
    return {
        "junction": junction,
        **{
            name.replace("__", "."): {"conditions": conditions}
            for name, conditions in fields.items()
        },
    }


def holds(body, profile=ADA, **rest):
    return belongs(parse_segment_filter(body), profile, CALENDAR, **rest)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("source_id", "crm-7"),
        ("source", "API"),
        ("phone", None),
        ("city", "Paris"),
        ("address.country", "FR"),
        ("birthdate", "1990-04-02"),
        ("metadata.vip", True),
        ("metadata.size.shoe", 38),
        ("system_metadata.origin", "import"),
        ("summary.redemptions.total_succeeded", 3),
        ("summary.redemptions.gift.amount_to_go", 500),
        ("summary.orders.total_amount", 12_000),
        ("loyalty.points", 40),
        ("loyalty_points.campaigns.Tiers 2.0.points", 30),
        ("loyalty_points.campaigns.Other.points", None),
        ("loyalty_tier.campaigns.Tiers 2.0", "ltr_gold"),
        ("loyalty_tier.campaigns.Other", None),
        ("events.car.rented.count", 2),
        ("events.car.rented.last_occurred_at", "2027-03-16T00:00:00Z"),
        ("events.car.rented.first_occurred_at", None),
        ("events.never.count", 0),
        ("events.never.last_occurred_at", None),
        ("summary.orders.last_order_date.more", None),
    ],
)
def test_every_path_finds_what_the_profile_shows(path, value):
    assert attribute(ADA, path) == value


@pytest.mark.parametrize(
    "path",
    [
        "name",
        "city",
        "address.city",
        "metadata.vip",
        "system_metadata.origin",
        "summary.orders.total_count",
        "loyalty.points",
        "loyalty_points.campaigns.A.points",
        "loyalty_tier.campaigns.A",
    ],
)
def test_of_an_empty_profile_nothing_is_found(path):
    assert attribute(NOBODY, path) is None


def test_a_birthday_stands_in_for_a_date_of_birth():
    assert attribute({"birthdate": None, "birthday": "1990-04-02"}, "birthdate") == (
        "1990-04-02"
    )


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("name", Kind.TEXT),
        ("birthdate", Kind.DATE),
        ("summary.orders.total_amount", Kind.NUMBER),
        ("summary.orders.last_order_date", Kind.DATETIME),
        ("events.a.b.count", Kind.NUMBER),
        ("events.a.first_occurred_at", Kind.DATETIME),
        ("events.a.other", None),
        ("events.count", None),
        ("loyalty_points.campaigns.A.points", Kind.NUMBER),
        ("loyalty_points.campaigns.points", None),
        ("loyalty_tier.campaigns.A", Kind.TEXT),
        ("metadata.vip", None),
    ],
)
def test_fixed_paths_have_a_type(path, kind):
    assert kind_of(path) == kind


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (segment(email={"$is": ["ada@example.COM"]}), True),
        (segment(city={"$in": ["Rome", "Paris"]}), True),
        (segment(city={"$is": ["paris"]}), False),
        (segment(metadata__vip={"$is": [True]}), True),
        (segment(summary__orders__total_amount={"$more_than": ["11999"]}), True),
        (segment(summary__orders__last_order_date={"$less_than_ago": [8]}), True),
        (segment(birthdate={"$next_month": [True]}), True),
        (segment(birthdate={"$this_month": [True]}), False),
        (segment(phone={"$is_not": ["1"]}), True),
        (segment(phone={"$is_unknown": [True]}), True),
        (segment(phone={"$starts_with": ["+"]}), False),
        (segment(name={"$is": ["Ada"]}, city={"$is": ["Rome"]}), False),
        (segment("or", name={"$is": ["Ada"]}, city={"$is": ["Rome"]}), True),
        (segment(**{"events.car.rented.count": {"$more_than": ["1"]}}), True),
        (segment(**{"events.other.count": {"$more_than": ["0"]}}), False),
        (segment(name={"$is": ["Ada"], "$is_not": ["Ada"]}), False),
    ],
)
def test_a_filter_holds_as_its_conditions_do(body, expected):
    assert holds(body) is expected


def test_a_fence_needs_coordinates_on_either_side():
    city = {"loc_w": Circle(Point(52.1, 21.0), 5_000.0)}
    inside = segment(metadata__home={"$in_location": ["loc_w"]})
    outside = segment(metadata__home={"$not_in_location": ["loc_w"]})

    assert holds(inside, locations=city) is True
    assert holds(outside, locations=city) is False
    assert holds(inside, NOBODY, locations=city) is False
    assert holds(outside, NOBODY, locations=city) is False


def test_a_declared_type_decides_how_metadata_compare():
    older = segment(metadata__size={"$more_than": ["9"]})
    profile = {"metadata": {"size": "10"}}

    assert holds(older, profile, schema={"size": Kind.NUMBER}) is True
    assert holds(older, profile, schema={"size": Kind.TEXT}) is False


@pytest.mark.parametrize(
    ("body", "details"),
    [
        (None, "Property .filter must be object"),
        ({"junction": "and"}, "Property .filter must have at least one condition"),
        (
            segment(shoe={"$is": ["1"]}),
            "Property .filter cannot be filtered by 'shoe'",
        ),
        (
            segment(events__rented={"$is": ["1"]}),
            "Property .filter cannot be filtered by 'events.rented'",
        ),
        (
            segment(loyalty_points__campaigns__x={"$is": ["1"]}),
            "Property .filter cannot be filtered by 'loyalty_points.campaigns.x'",
        ),
        (
            segment(name={"$redeemable": [True]}),
            (
                "Property .filter.name has a condition that is not for customers: "
                "$redeemable"
            ),
        ),
        (
            segment("xor", name={"$is": ["1"]}),
            (
                "Property .filter has wrong `junction` property. "
                "It must be one of: and, or"
            ),
        ),
    ],
)
def test_a_filter_that_nobody_could_explain_is_refused(body, details):
    with pytest.raises(InvalidPayload) as refused:
        parse_segment_filter(body)

    assert refused.value.details == details


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (segment(name={"$is": ["Ada"]}), False),
        (segment(created_at={"$after": ["2027-01-01"]}), False),
        (segment(summary__orders__total_count={"$more_than": [1]}), False),
        (segment(created_at={"$more_than": [7]}), True),
        (segment(metadata__since={"$less_than": [7]}), True),
        (segment(birthdate={"$today": [True]}), True),
        (segment(birthdate={"$is_days_in_future_md": [3]}), True),
        (segment(updated_at={"$more_than_ago": [30]}), True),
        (segment(name={"$is": ["Ada"]}, created_at={"$is_years_ago": [1]}), True),
    ],
)
def test_some_filters_change_their_mind_as_time_goes_by(body, expected):
    assert changes_with_time(parse_segment_filter(body)) is expected


CONDITIONS = {
    "name": {"$is": ["Ada"]},
    "city": {"$in": ["Rome"]},
    "phone": {"$has_value": [True]},
    "metadata.vip": {"$is": [True]},
    "loyalty.points": {"$less_than": [50]},
}


@given(st.sets(st.sampled_from(sorted(CONDITIONS)), min_size=1))
def test_and_holds_when_all_parts_do_and_or_when_one_does(names):
    parts = [holds(segment(**{name: CONDITIONS[name]})) for name in names]
    fields = {name: CONDITIONS[name] for name in names}

    assert holds(segment("and", **fields)) is all(parts)
    assert holds(segment("or", **fields)) is any(parts)


def test_every_documented_attribute_may_be_asked_about():
    assert {
        "address.postal_code",
        "birthday",
        "description",
        "events.*",
        "loyalty.referred_customers",
        "loyalty_points.campaigns.*",
        "loyalty_tier.campaigns.*",
        "metadata.*",
        "summary.redemptions.loyalty_card.points_to_go",
        "system_metadata.*",
        "updated_at",
    } <= SEGMENT_FIELDS
