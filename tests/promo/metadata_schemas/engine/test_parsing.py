"""Definitions as callers send them: both spellings, defaults, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promo.errors import InvalidPayload
from promo.metadata_schemas.engine.definitions import (
    TYPES,
    Definition,
    stored_definition,
)
from promo.metadata_schemas.engine.parsing import (
    changed_definitions,
    named_schemas,
    parse_definition,
)
from tests.promo.metadata_schemas.engine.test_checking import JSON

WHOLE = ".properties.size"
NO_TYPE = ".type must be equal to one of the allowed values "


def test_what_is_not_sent_has_its_default():
    parsed = parse_definition({"type": "string", "eq": [], "optional": None}, WHOLE)

    assert parsed == Definition(type="string")
    assert parsed.as_json() == {
        "type": "string",
        "array": False,
        "optional": True,
        "object_type": None,
    }


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (
            {"type": "string", "minLength": 1, "maxLength": 9, "exactLength": 5},
            {"min_length": 1, "max_length": 9, "exact_length": 5},
        ),
        (
            {"type": "string", "min_length": 0, "max_length": 9, "eq": ["a"]},
            {"min_length": 0, "max_length": 9, "eq": ["a"]},
        ),
        (
            {"type": "number", "eq": [1, 2.5], "ne": [3], "lt": 9.5, "gte": 0},
            {"eq": [1, 2.5], "ne": [3], "lt": 9.5, "gte": 0},
        ),
        ({"type": "number", "lte": 9, "gt": -1}, {"lte": 9, "gt": -1}),
        ({"type": "object", "objectType": "Parcel"}, {"object_type": "Parcel"}),
        ({"type": "object", "object_type": "Parcel"}, {"object_type": "Parcel"}),
        ({"type": "date", "deleted": True}, {"deleted": True}),
        ({"type": "date", "optional": False, "array": True}, {}),
    ],
)
def test_both_spellings_are_read_and_one_is_stored(sent, stored):
    parsed = parse_definition(sent, WHOLE)

    kept = parsed.as_json()
    assert {name: kept[name] for name in stored} == stored
    assert kept["array"] is sent.get("array", False)
    assert kept["optional"] is sent.get("optional", True)
    assert stored_definition(kept) == parsed


@pytest.mark.parametrize(
    ("body", "details"),
    [
        (5, " must be object"),
        ({}, " should have required property 'type'"),
        (
            {"type": "text"},
            f"{NO_TYPE}[ {', '.join(TYPES)} ]",
        ),
        ({"type": ["string"]}, NO_TYPE),
        ({"type": "string", "array": 1}, ".array must be boolean"),
        ({"type": "string", "optional": "no"}, ".optional must be boolean"),
        ({"type": "string", "deleted": 0}, ".deleted must be boolean"),
        ({"type": "object", "object_type": 5}, ".object_type must be string"),
        (
            {"type": "object", "object_type": "x" * 256},
            ".object_type must NOT have more than 255 characters",
        ),
        (
            {"type": "string", "object_type": "Parcel"},
            ".object_type is only for the type object",
        ),
        ({"type": "number", "minLength": 1}, ".min_length is only for the type string"),
        ({"type": "string", "min_length": 1.5}, ".min_length must be integer"),
        ({"type": "string", "min_length": True}, ".min_length must be integer"),
        (
            {"type": "string", "min_length": -1},
            ".min_length must be between 0 and 1000000",
        ),
        (
            {"type": "string", "min_length": 3, "max_length": 2},
            " has lengths that exclude each other",
        ),
        (
            {"type": "string", "exact_length": 3, "max_length": 2},
            " has lengths that exclude each other",
        ),
        ({"type": "date", "eq": ["a"]}, ".eq is only for the type string or number"),
        ({"type": "string", "eq": "a"}, ".eq must be array"),
        ({"type": "string", "eq": ["a", 1]}, ".eq[1] must be string"),
        ({"type": "number", "eq": ["1"]}, ".eq[0] must be number"),
        ({"type": "number", "eq": [0.125]}, ".eq[0] must be a multiple of 0.01"),
        (
            {"type": "number", "eq": [1] * 1_001},
            ".eq must NOT have more than 1000 items",
        ),
        ({"type": "string", "ne": ["a"]}, ".ne is only for the type number"),
        ({"type": "number", "lt": True}, ".lt must be number"),
        ({"type": "number", "lt": 1.005}, ".lt must be a multiple of 0.01"),
        ({"type": "boolean", "gte": 1}, ".gte is only for the type number"),
    ],
)
def test_a_definition_of_another_shape_is_refused_by_its_path(body, details):
    with pytest.raises(InvalidPayload) as refused:
        parse_definition(body, WHOLE)

    assert str(refused.value.details).startswith(f"Property {WHOLE}{details}")


@given(JSON)
def test_any_body_is_read_or_refused(body):
    parsed, details = None, ""
    try:
        parsed = parse_definition(body, WHOLE)
    except InvalidPayload as refused:
        details = str(refused.details)

    if parsed is None:
        assert details.startswith(f"Property {WHOLE}")
    else:
        assert stored_definition(parsed.as_json()) == parsed


@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["string", "number", "object"])},
        optional=dict.fromkeys(
            ("eq", "ne", "lt", "minLength", "object_type", "optional"), JSON
        ),
    )
)
def test_any_part_of_a_definition_is_read_or_refused(body):
    test_any_body_is_read_or_refused.hypothesis.inner_test(body)


def changed(
    sent: dict[str, Any], resource: str = "order", **stored: Any
) -> dict[str, Definition]:
    known = {key: parse_definition(body, "") for key, body in stored.items()}
    return changed_definitions(known, sent, resource)


def test_definitions_not_sent_stay_and_one_that_is_sent_is_replaced_as_a_whole():
    found = changed(
        {"size": {"type": "string"}},
        size={"type": "string", "eq": ["S", "L"], "optional": False},
        age={"type": "number", "gte": 0},
    )

    assert found == {
        "size": Definition(type="string"),
        "age": Definition(type="number", gte=0),
    }


def test_the_type_of_a_definition_cannot_change_even_when_it_was_removed():
    with pytest.raises(InvalidPayload) as refused:
        changed({"size": {"type": "number"}}, size={"type": "string", "deleted": True})

    assert (
        refused.value.details == "Property .properties.size.type cannot change: string"
    )


@pytest.mark.parametrize(
    ("resource", "key", "body", "details"),
    [
        ("order", "", {"type": "string"}, ".properties. must have a name"),
        (
            "order",
            "x" * 256,
            {"type": "string"},
            f".properties.{'x' * 256} must NOT have more than 255 characters",
        ),
        (
            "order",
            "at",
            {"type": "geopoint"},
            ".properties.at.type geopoint is only for customers and products",
        ),
        (
            "Parcel",
            "at",
            {"type": "object"},
            ".properties.at.type object is not for the schema of a nested object",
        ),
        (
            "order",
            "who",
            {"type": "object", "object_type": "customer"},
            ".properties.who.object_type must name the schema of a nested object",
        ),
    ],
)
def test_a_definition_that_the_resource_cannot_have_is_refused(
    resource, key, body, details
):
    with pytest.raises(InvalidPayload) as refused:
        changed({key: body}, resource)

    assert refused.value.details == f"Property {details}"


@pytest.mark.parametrize("resource", ["customer", "product"])
def test_customers_and_products_have_places(resource):
    assert changed({"at": {"type": "geopoint"}}, resource) == {
        "at": Definition(type="geopoint")
    }


def test_a_hundred_definitions_are_the_most_removed_ones_included():
    hundred = {f"k{n}": {"type": "string", "deleted": n > 50} for n in range(100)}

    assert len(changed(hundred)) == 100
    with pytest.raises(InvalidPayload) as refused:
        changed({"one": {"type": "string"}}, **hundred)

    assert refused.value.details == (
        "Property .properties must NOT have more than 100 items"
    )


def test_living_definitions_name_the_schemas_they_need():
    found = changed(
        {
            "one": {"type": "object", "object_type": "Parcel"},
            "two": {"type": "object", "object_type": "unknown"},
            "three": {"type": "object", "object_type": "Gone", "deleted": True},
            "four": {"type": "object"},
        }
    )

    assert named_schemas(found) == {"Parcel"}
