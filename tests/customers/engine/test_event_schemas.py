"""What definitions of custom events may say, and what they let metadata hold."""

import pytest

from customers.engine.event_schemas import (
    changed_properties,
    check_metadata,
    schema_of,
)
from promo.errors import InvalidPayload, MetadataRefused

TEXT = {"type": "string", "optional": True}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"type": "string"}, TEXT),
        ({"type": "number", "optional": False}, {"type": "number", "optional": False}),
        ({"type": "date", "optional": None}, {"type": "date", "optional": True}),
        ({"type": "string", "deleted": True}, {**TEXT, "deleted": True}),
        ({"type": "string", "deleted": False}, TEXT),
        ({"type": "string", "eq": 5, "array": "x", "min_length": -1}, TEXT),
    ],
)
def test_a_definition_has_a_type_and_says_whether_it_must_be_there(sent, stored):
    assert changed_properties({}, {"plan": sent}) == {"plan": stored}


def test_what_is_not_sent_stays_and_a_type_may_change():
    stored = {"plan": TEXT, "size": {"type": "number", "optional": False}}

    changed = changed_properties(stored, {"size": {"type": "boolean"}})

    assert changed == {"plan": TEXT, "size": {"type": "boolean", "optional": True}}
    assert stored["size"]["type"] == "number"


@pytest.mark.parametrize(
    ("sent", "details"),
    [
        ({"plan": None}, ".plan must be object"),
        ({"plan": {}}, ".plan should have required property 'type'"),
        (
            {"plan": {"type": "geopoint"}},
            (
                ".plan.type must be equal to one of the allowed values "
                "[ string, number, date, datetime, boolean ]"
            ),
        ),
        ({"plan": {"type": "string", "optional": 1}}, ".plan.optional must be boolean"),
        ({"plan": {"type": "date", "deleted": "x"}}, ".plan.deleted must be boolean"),
        ({"": {"type": "date"}}, ". must have a name"),
        (
            {"k" * 256: {"type": "date"}},
            f".{'k' * 256} must NOT have more than 255 characters",
        ),
        (
            {f"k{n}": {"type": "date"} for n in range(101)},
            " must NOT have more than 100 items",
        ),
    ],
)
def test_a_definition_of_another_shape_is_refused(sent, details):
    with pytest.raises(InvalidPayload) as refused:
        changed_properties({}, sent)

    assert refused.value.details == f"Property .schema.properties{details}"


SCHEMA = schema_of(
    "signed_up",
    {
        "plan": {"type": "string", "optional": False},
        "size": {"type": "number", "optional": True},
        "on": {"type": "date", "optional": True},
        "at": {"type": "datetime", "optional": True},
        "paid": {"type": "boolean", "optional": True},
        "gone": {"type": "number", "optional": False, "deleted": True},
    },
)


@pytest.mark.parametrize(
    "metadata",
    [
        {"plan": "P1"},
        {"plan": "P1", "size": None, "other": {"any": [1]}},
        {"plan": "", "size": 4.5, "on": "2022-12-01", "paid": False, "gone": "text"},
        {"plan": "P1", "at": "2022-12-01T09:24:33.061Z"},
    ],
)
def test_metadata_that_fit_are_welcome_and_so_are_undeclared_keys(metadata):
    check_metadata(SCHEMA, metadata)


@pytest.mark.parametrize(
    ("metadata", "details"),
    [
        (
            {},
            (
                "plan: must be a string, property is required "
                "(actual value is 'undefined')"
            ),
        ),
        ({"plan": "P1", "size": "4"}, "size: must be a number (actual value is '4')"),
        (
            {"plan": "P1", "on": "soon", "paid": 1},
            (
                "on: must be an ISO-8601 date (actual value is 'soon'); "
                "paid: must be a boolean (actual value is '1')"
            ),
        ),
    ],
)
def test_metadata_that_do_not_fit_are_refused(metadata, details):
    with pytest.raises(MetadataRefused) as refused:
        check_metadata(SCHEMA, metadata)

    assert refused.value.details == details
