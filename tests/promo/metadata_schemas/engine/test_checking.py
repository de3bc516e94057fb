"""What metadata may hold: every type, every part of a definition, and the words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promo.comparison import Kind
from promo.metadata_schemas.engine.checking import Checked, check
from promo.metadata_schemas.engine.definitions import Schema, declared_kinds
from promo.metadata_schemas.engine.parsing import parse_definition

STRING = "must be a string"
NUMBER = "must be a number"
IMAGE = "must be a URL pointing to JPG/JPEG or PNG resource"
POINT = "must be a geopoint"
PARCEL = Schema(
    related_object="Parcel",
    definitions={
        "weight": parse_definition({"type": "number", "optional": False}, ""),
        "label": parse_definition({"type": "string"}, ""),
    },
)
SCHEMAS = {"Parcel": PARCEL}


def schema(*, strict: bool = False, **definitions: Any) -> Schema:
    parsed = {key: parse_definition(body, "") for key, body in definitions.items()}
    return Schema(related_object="order", definitions=parsed, defined_only=strict)


def checked(value: Any, **definition: Any) -> Checked:
    """Check one key that holds ``value``."""
    return check({"key": value}, schema(key=definition), SCHEMAS)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", ""),
        ("string", "anything"),
        ("number", 0),
        ("number", -2.5),
        ("boolean", False),
        ("date", "2026-03-10"),
        ("date", "2026-03-10T08"),
        ("datetime", "2026-03-10"),
        ("datetime", "2026-03-10T08"),
        ("datetime", "2026-03-10T08:30"),
        ("datetime", "2026-03-10T08:30:15"),
        ("datetime", "2026-03-10T08:30:15Z"),
        ("datetime", "2026-03-10T08:30:15.250Z"),
        ("datetime", "2026-03-10T08:30:15+02:00"),
        ("image_url", "https://shop.example.com/a/tea.PNG"),
        ("image_url", "http://shop.example.com/tea.jpeg?size=2"),
        ("geopoint", "geo:52.1,-21"),
        ("object", {}),
        ("object", {"anything": [1]}),
    ],
)
def test_a_value_of_its_type_is_stored_as_it_was_sent(kind, value):
    assert checked(value, type=kind) == Checked({"key": value}, ())


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        ("string", 5, f"{STRING} (actual value is '5')"),
        ("string", True, f"{STRING} (actual value is 'true')"),
        ("string", ["a"], f"""{STRING} (actual value is '["a"]')"""),
        ("number", "5", f"{NUMBER} (actual value is '5')"),
        ("number", True, f"{NUMBER} (actual value is 'true')"),
        ("boolean", "true", "must be a boolean (actual value is 'true')"),
        ("boolean", 1, "must be a boolean (actual value is '1')"),
        ("date", "10.3.2026", "must be an ISO-8601 date (actual value is '10.3.2026')"),
        ("date", 20260310, "must be an ISO-8601 date (actual value is '20260310')"),
        ("datetime", "", "must be an ISO-8601 datetime (actual value is '')"),
        (
            "datetime",
            "2026-02-30T08:00",
            "must be an ISO-8601 datetime (actual value is '2026-02-30T08:00')",
        ),
        ("image_url", "tea.png", f"{IMAGE} (actual value is 'tea.png')"),
        ("image_url", "http:///a.png", f"{IMAGE} (actual value is 'http:///a.png')"),
        ("image_url", "ftp://a/b.png", f"{IMAGE} (actual value is 'ftp://a/b.png')"),
        ("image_url", "http://a/b.gif", f"{IMAGE} (actual value is 'http://a/b.gif')"),
        ("image_url", "http://[", f"{IMAGE} (actual value is 'http://[')"),
        ("image_url", None, None),
        ("image_url", 1, f"{IMAGE} (actual value is '1')"),
        ("geopoint", "geo:91,0", f"{POINT} (actual value is 'geo:91,0')"),
        ("geopoint", 5, f"{POINT} (actual value is '5')"),
        ("object", "x", "must be an object (actual value is 'x')"),
        ("object", [], "must be an object (actual value is '[]')"),
    ],
)
def test_a_value_of_another_type_is_told_with_what_it_is(kind, value, problem):
    problems = () if problem is None else (f"key: {problem}",)

    assert checked(value, type=kind) == Checked({"key": value}, problems)


@pytest.mark.parametrize(
    ("definition", "good", "bad", "phrase"),
    [
        ({"min_length": 2}, "ab", "a", "must have length of at least 2"),
        ({"max_length": 2}, "ab", "abc", "must have length of at most 2"),
        (
            {"min_length": 2, "max_length": 3},
            "abc",
            "abcd",
            "must have length between 2 and 3",
        ),
        ({"exact_length": 2}, "ab", "a", "must have length exactly 2"),
        ({"eq": ["a", "b", "c"]}, "b", "d", "must be equal to one of a,b,c"),
    ],
)
def test_a_string_keeps_to_its_definition(definition, good, bad, phrase):
    assert checked(good, type="string", **definition).problems == ()
    assert checked(bad, type="string", **definition).problems == (
        f"key: {STRING}, {phrase} (actual value is '{bad}')",
    )


@pytest.mark.parametrize(
    ("definition", "good", "bad", "phrase"),
    [
        ({"eq": [1, 2.5]}, 2.5, 2, "must be equal to one of 1,2.5"),
        ({"eq": [1]}, 1.0, 2, "must be equal to one of 1"),
        ({"ne": [1, 2]}, 3, 2, "must not be equal to one of 1,2"),
        ({"lt": 5}, 4.99, 5, "must be lower than 5"),
        ({"lte": 5}, 5, 6, "must be lower than or equal to 5"),
        ({"gt": 0}, 1, 0, "must be greater than 0"),
        ({"gte": 0.5}, 0.5, 0, "must be greater than or equal to 0.5"),
    ],
)
def test_a_number_keeps_to_its_definition(definition, good, bad, phrase):
    assert checked(good, type="number", **definition).problems == ()
    assert checked(bad, type="number", **definition).problems == (
        f"key: {NUMBER}, {phrase} (actual value is '{bad}')",
    )


def test_the_words_name_the_whole_definition_not_only_what_failed():
    found = checked("d", type="string", optional=False, eq=["a", "b"])

    words = f"{STRING}, property is required, must be equal to one of a,b"
    assert found.problems == (f"key: {words} (actual value is 'd')",)


@pytest.mark.parametrize(
    ("value", "told"), [("a", "a"), (["a", 1], '["a", 1]'), ([None], "[null]")]
)
def test_an_array_is_a_list_whose_elements_all_fit(value, told):
    fits = checked(["a", "b"], type="string", array=True, eq=["a", "b"])
    found = checked(value, type="string", array=True, eq=["a", "b"])

    assert fits == Checked({"key": ["a", "b"]}, ())
    element = f"{STRING}, must be equal to one of a,b (actual value is '{told}')"
    assert found.problems == (f"key: must be an array, and every element: {element}",)


def test_null_passes_what_is_optional_and_nothing_that_is_required():
    assert checked(None, type="string").problems == ()
    assert checked(None, type="string", optional=False).problems == (
        f"key: {STRING}, property is required (actual value is 'null')",
    )


def test_required_keys_are_looked_for_in_what_will_be_stored():
    wanted = schema(name={"type": "string", "optional": False})
    problem = f"name: {STRING}, property is required (actual value is"

    assert check({}, wanted, {}).problems == ()
    assert check({}, wanted, {}, result={"name": "Ada"}).problems == ()
    assert check({}, wanted, {}, result={}).problems == (f"{problem} 'undefined')",)
    assert check({}, wanted, {}, result={"name": None}).problems == (
        f"{problem} 'null')",
    )


def test_a_required_key_that_is_sent_is_told_of_once():
    wanted = schema(name={"type": "string", "optional": False})

    assert check({"name": None}, wanted, {}, result={"name": None}).problems == (
        f"name: {STRING}, property is required (actual value is 'null')",
    )


def test_every_wrong_key_is_told_of():
    wanted = schema(name={"type": "string"}, size={"type": "number"})

    assert check({"name": 1, "size": "x"}, wanted, {}).problems == (
        f"name: {STRING} (actual value is '1')",
        f"size: {NUMBER} (actual value is 'x')",
    )


def test_an_undefined_key_is_stored_unless_only_defined_ones_may_be():
    sent = {"unknown": [1, {"deep": None}]}

    assert check(sent, schema(), {}) == Checked(sent, ())
    assert check(sent, schema(strict=True), {}).problems == (
        "unknown: property is not defined in the schema",
    )


def test_a_removed_definition_says_nothing_any_more():
    gone = {"type": "string", "optional": False, "deleted": True}

    assert check({"key": 5}, schema(key=gone), {}, result={}) == Checked({"key": 5}, ())
    assert check({"key": 5}, schema(strict=True, key=gone), {}).problems == (
        "key: property is not defined in the schema",
    )


@pytest.mark.parametrize("bare", ["52.1, 21.0", "52.1,21.0", " geo:52.1,21.0 "])
def test_a_point_is_stored_in_one_form(bare):
    assert checked(bare, type="geopoint") == Checked({"key": "geo:52.1,21.0"}, ())


def test_a_nested_object_satisfies_its_own_schema():
    good = {"weight": 2, "label": "x", "more": True}

    assert checked(good, type="object", object_type="Parcel") == Checked(
        {"key": good}, ()
    )
    assert checked({"label": 5}, type="object", object_type="Parcel").problems == (
        f"key.weight: {NUMBER}, property is required (actual value is 'undefined')",
        f"key.label: {STRING} (actual value is '5')",
    )
    assert checked(5, type="object", object_type="Parcel").problems == (
        "key: must be an object of type Parcel (actual value is '5')",
    )


def test_every_object_of_an_array_is_judged_in_its_place():
    parcels = [{"weight": 1}, {"weight": "heavy"}]
    found = checked(parcels, type="object", array=True, object_type="Parcel")

    assert found.problems == (
        f"key[1].weight: {NUMBER}, property is required (actual value is 'heavy')",
    )


@pytest.mark.parametrize("name", ["unknown", "Gone"])
def test_an_object_of_no_known_schema_may_hold_anything(name):
    value = {"weight": "heavy"}

    assert checked(value, type="object", object_type=name) == Checked(
        {"key": value}, ()
    )


def test_a_long_value_is_cut_in_the_words():
    found = checked("x" * 500, type="string", eq=["a"])

    assert found.problems[0].endswith(f"(actual value is '{'x' * 200}…')")


def test_declared_types_are_known_by_path():
    wanted = schema(
        age={"type": "number"},
        photo={"type": "image_url"},
        tags={"type": "string", "array": True},
        born={"type": "date"},
        seen={"type": "datetime"},
        vip={"type": "boolean"},
        home={"type": "geopoint"},
        gone={"type": "number", "deleted": True},
        parcel={"type": "object", "object_type": "Parcel"},
        anything={"type": "object"},
    )

    assert declared_kinds(wanted, SCHEMAS) == {
        "age": Kind.NUMBER,
        "photo": Kind.TEXT,
        "tags": Kind.TEXT,
        "born": Kind.DATE,
        "seen": Kind.DATETIME,
        "vip": Kind.BOOLEAN,
        "home": Kind.GEOPOINT,
        "parcel.weight": Kind.NUMBER,
        "parcel.label": Kind.TEXT,
    }


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(["52.1, 21", "2026-03-10T08", "http://a/b.png", "geo:1,2"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
KEYS = ("string", "number", "boolean", "date", "datetime", "image_url", "geopoint")
EVERYTHING = schema(
    **{kind: {"type": kind} for kind in KEYS},
    **{f"{kind}s": {"type": kind, "array": True} for kind in KEYS},
    bounded={"type": "number", "gte": 0, "lt": 9.5, "ne": [3]},
    parcel={"type": "object", "object_type": "Parcel", "optional": False},
    parcels={"type": "object", "array": True, "object_type": "Parcel"},
)


@given(
    st.dictionaries(st.sampled_from(sorted(EVERYTHING.definitions)) | st.text(), JSON)
)
def test_whatever_is_sent_is_judged_and_what_is_stored_is_stored_again(sent):
    found = check(sent, EVERYTHING, SCHEMAS, result=sent)

    assert found.metadata.keys() == sent.keys()
    if not found.problems:
        again = check(found.metadata, EVERYTHING, SCHEMAS, result=found.metadata)
        assert again == Checked(found.metadata, ())
