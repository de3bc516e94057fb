"""Filters asked of the table say what filters asked of a profile say."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from customers.engine.segments import KINDS, belongs, parse_segment_filter
from customers.models import Customer
from customers.services.segment_lookup import stored_profile
from customers.services.segment_sql import condition_on
from promo.calendar_windows import Calendar
from promo.comparison import Kind
from promo.filter_grammar.grammar import OPERATORS, STATUS_OPERATORS
from promo.geometry import parse_shape
from promo.ids import new_id
from promo.row_writer import RowWriter
from promo.tenancy.models import Project

WRITER = RowWriter(Customer)
NOW = datetime(2027, 3, 1, 1, 30, tzinfo=UTC)
PROJECT = Project(id=new_id("proj_"))
SCHEMA = {
    "number": Kind.NUMBER,
    "flag": Kind.BOOLEAN,
    "day": Kind.DATE,
    "moment": Kind.DATETIME,
    "place": Kind.GEOPOINT,
    "word": Kind.TEXT,
    "list.word": Kind.TEXT,
}
CIRCLE = {"distance": {"center": "geo:52.2,21.0", "radius": "300 km"}}
SQUARE = [[[10, 40], [30, 40], [30, 60], [10, 60], [10, 40]]]
HOLED = [*SQUARE, [[19, 50], [22, 50], [22, 55], [19, 55], [19, 50]]]
LOCATIONS = {
    "loc_circle": parse_shape(CIRCLE),
    "loc_square": parse_shape({"geojson": {"type": "Polygon", "coordinates": SQUARE}}),
    "loc_holed": parse_shape({"geojson": {"type": "Polygon", "coordinates": HOLED}}),
}

_days = st.sampled_from(
    [
        "2027-03-01",
        "2027-02-28",
        "2024-02-29",
        "1990-03-05",
        "2026-12-31",
        "2023-02-30",
        "0001-01-01",
        "9999-12-31",
    ]
)
_times = st.sampled_from(
    [
        "",
        "T00:00:00Z",
        "T23:59:59.999Z",
        " 10",
        "T10:30+02:00",
        "T01:30:00,5-0930",
        "T24:00",
        "T02:30:61",
        "T02:30+2400",
    ]
)
_dates = st.builds(str.__add__, _days, _times)
_points = st.sampled_from(
    ["geo:52.2,21.0", "50, 20", "geo:45,15", "geo:60,30", "geo:91,0", " geo:0,0 "]
)
_numbers = st.one_of(
    st.integers(-3, 40),
    st.sampled_from(["7", "+7", "-1.50", "007", "1e3", 1.5, 0.1, -0.0, 2**60, 1e21]),
)
_words = st.sampled_from(["", "gold", "Gold", "go", "ld", "true", "false", "é", "50%"])
_scalars = st.one_of(_numbers, _words, _dates, _points, st.booleans())
_values = st.one_of(
    st.none(), _scalars, st.lists(st.one_of(st.none(), _scalars), max_size=3)
)
_members = st.dictionaries(st.sampled_from(["word", "x.y", "number"]), _values)
_metadata = st.dictionaries(
    st.sampled_from([*SCHEMA, "free", "a.b", "a", "list", "obj"]),
    st.one_of(_values, _members, st.lists(st.one_of(_members, _scalars), max_size=2)),
    max_size=5,
)
_texts = st.one_of(_words, _dates, st.just("7"))
_blocks = st.fixed_dictionaries(
    {},
    optional={
        "redemptions": st.fixed_dictionaries(
            {"total_redeemed": st.integers(0, 9), "gift": st.just({"amount_to_go": 5})}
        ),
        "orders": st.fixed_dictionaries(
            {"total_amount": st.integers(0, 9)},
            optional={"last_order_date": _dates},
        ),
    },
)
_moments = st.one_of(
    st.none(),
    st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is given apart
)
_people = st.builds(
    Customer,
    id=st.just(new_id("cust_")),
    project=st.just(PROJECT),
    source_id=_words,
    name=_texts,
    description=_words,
    email=st.sampled_from(["", "Ada@Example.com", "bob@x.org"]),
    phone=st.sampled_from(["", "+48 501", "501"]),
    birthdate=st.one_of(st.none(), st.dates()),
    birthday=st.one_of(st.none(), st.dates()),
    address=st.one_of(
        st.none(), st.dictionaries(st.sampled_from(["city", "state"]), _values)
    ),
    metadata=_metadata,
    system_metadata=_metadata,
    summary=_blocks,
    loyalty=st.just(
        {"points": 5, "campaigns": {"T. 2": {"points": 3}, "x": {"loyalty_tier": "7"}}}
    ),
    source=st.sampled_from(["", "API"]),
    created_at=_moments.filter(bool),
    updated_at=_moments,
)
_paths = st.sampled_from(
    [
        *KINDS,
        *(f"metadata.{name}" for name in SCHEMA),
        "metadata.free",
        "metadata.a.b",
        "metadata.list.x.y",
        "metadata.obj.number",
        "system_metadata.free",
        "loyalty_points.campaigns.T. 2.points",
        "loyalty_tier.campaigns.x",
    ]
)
_operands = st.one_of(
    st.lists(_scalars, max_size=3),
    st.lists(st.sampled_from([*LOCATIONS, "loc_unknown"]), max_size=2),
    st.lists(st.sampled_from(["ada@example.com", "BOB", "Ada"]), max_size=2),
)
_conditions = st.dictionaries(
    st.sampled_from([name for name in OPERATORS if name not in STATUS_OPERATORS]),
    _operands,
    min_size=1,
    max_size=2,
)
_filters = st.builds(
    lambda fields, junction: {
        "junction": junction,
        **{path: {"conditions": conditions} for path, conditions in fields.items()},
    },
    st.dictionaries(_paths, _conditions, min_size=1, max_size=2),
    st.sampled_from(["and", "or"]),
)
_calendars = st.builds(
    Calendar,
    st.just(NOW),
    st.sampled_from([UTC, *map(ZoneInfo, ("Europe/Warsaw", "America/Sao_Paulo"))]),
    st.sampled_from([0, 1, 6]),
)


def asked_of_the_table(customer: Customer, body: Any, calendar: Calendar) -> bool:
    wanted = condition_on(parse_segment_filter(body), SCHEMA, calendar, LOCATIONS)
    row = json.dumps(json.loads(WRITER.rows([customer]))[0])
    statement = (
        f"SELECT {wanted.text} FROM "  # noqa: S608 - what is under test
        "jsonb_populate_record(NULL::customers_customer, %s::jsonb) c"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*wanted.values, row])
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db
@given(_people, _filters, _calendars)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@example(
    Customer(
        id=new_id("cust_"),
        project=PROJECT,
        created_at=NOW,
        metadata={"moment": "2027-10-31T02:30"},
    ),
    {
        "metadata.moment": {
            "conditions": {"$before": ["2027-10-31T01:00:00Z"]},
        }
    },
    Calendar(NOW, ZoneInfo("Europe/Warsaw")),
)
def test_the_table_answers_as_the_profile_does(customer, body, calendar):
    """Also for an hour that the clock shows twice."""
    profile = stored_profile(customer)
    in_memory = belongs(
        parse_segment_filter(body),
        profile,
        calendar,
        locations=LOCATIONS,
        schema=SCHEMA,
    )

    assert asked_of_the_table(customer, body, calendar) == in_memory
