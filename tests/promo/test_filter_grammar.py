"""The filter language: what is read, what is refused."""

import pytest

from promo.errors import InvalidPayload, InvalidQueryParams
from promo.filter_grammar import (
    OPERATORS,
    Condition,
    FieldFilter,
    Filter,
    locations_named,
    parse_date_windows,
    parse_filter,
    parse_query_filter,
)


def test_the_server_accepts_sixty_eight_operators_each_once():
    assert len(OPERATORS) == len(set(OPERATORS)) == 68


IN = "filters[name][conditions][$in]"
NAMES = Filter((FieldFilter("name", (Condition("$in", ("a", "b")),)),))


@pytest.mark.parametrize(
    "query",
    [
        {
            "filters[name][conditions][$in][0]": ["a"],
            "filters[name][conditions][$in][1]": ["b"],
        },
        {
            "filters[name][conditions][$in][1]": ["b"],
            "filters[name][conditions][$in][0]": ["a"],
        },
        {"filters[name][conditions][$in][]": ["a", "b"]},
        {"filters[name][conditions][$in]": ["a", "b"]},
        {"[filters][name][conditions][$in]": ["a", "b"]},
        {"filters[name][conditions][$in]": ['["a","b"]']},
        {"filters[name][conditions][$in]": ["['a', \"b\"]"]},
        {"filters[name][conditions][$in]": ["[a, b]"]},
        {"page": ["2"], "_": ["1"], "filters[name][conditions][$in]": ["a", "b"]},
    ],
)
def test_every_encoding_of_a_list_reads_the_same(query):
    assert parse_query_filter(query.items()) == NAMES


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("it's", ("it's",)),
        ("['it\\'s']", ("it's",)),
        ("[VIP]", ("[VIP]",)),
        ("[1]", ("[1]",)),
        ("['a' 'b']", ("['a' 'b']",)),
        ('["a", {}]', ('["a", {}]',)),
        ("[", ("[",)),
    ],
)
def test_a_single_value_is_unpacked_only_when_it_is_a_quoted_list(value, read):
    query = {"filters[name][conditions][$is]": [value]}

    (entry,) = parse_query_filter(query.items()).fields

    assert entry.conditions == (Condition("$is", read),)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("[1, true, null]", ("1", "true", "null")),
        ("[[1], 'a']", ("[[1], 'a']",)),
        ("[[1]]", ("[[1]]",)),
        ("[]", ()),
    ],
)
def test_a_list_value_may_be_json(value, read):
    query = {"filters[n][conditions][$in]": [value]}

    (entry,) = parse_query_filter(query.items()).fields

    assert entry.conditions[0].values == read


@pytest.mark.parametrize("junction", ["or", "OR", "Or"])
def test_the_junction_is_read_in_any_case(junction):
    query = {
        "filters[junction]": [junction],
        "filters[metadata.city][conditions][$is]": ["Nice"],
        "filters[metadata][size][conditions][$is_not]": ["7"],
    }

    assert parse_query_filter(query.items()) == Filter(
        (
            FieldFilter("metadata.city", (Condition("$is", ("Nice",)),)),
            FieldFilter("metadata.size", (Condition("$is_not", ("7",)),)),
        ),
        "or",
    )


def test_a_query_without_filters_accepts_everything():
    assert parse_query_filter([("limit", ["10"])]) == Filter()


@pytest.mark.parametrize(
    "name",
    [
        "filters",
        "filters[name]",
        "filters[name][$is]",
        "filters[name][conditions]",
        "filters[name][conditions][$equals]",
        "filters[name][conditions][$is][x]",
        "filters[name][conditions][$is][0",
        "filters[name][conditions][$is][0][1]",
        "filters[conditions][$is]",
        "filters[][conditions][$is]",
        "filters[name][conditions][$is]x",
    ],
)
def test_a_malformed_query_filter_is_refused_with_the_list_of_operators(name):
    with pytest.raises(InvalidQueryParams) as refusal:
        parse_query_filter([(name, ["a"])])

    assert refusal.value.details.startswith(
        "Property .filters should match either "
        "`filters[${field}][conditions][${condition}][${index}]` or "
        "`filters[${field}][conditions][${condition}]` format and condition must be "
        "one of: $in, $not_in, $in_location, "
    )
    assert refusal.value.details.endswith(
        ", $enabled, $disabled, $redeemed, $redeemable"
    )


@pytest.mark.parametrize(
    "body",
    [
        {"name": None},
        {"name": {}},
        {"name": {"conditions": {}}},
        {"name": {"conditions": ["$is"]}},
        {"name": {"conditions": {"$more_than_or_equal": [1]}}},
        {"name": {"conditions": {"$is": [[1]]}}},
        {"name": {"conditions": {"$is": {"a": 1}}}},
        {"": {"conditions": {"$is": [1]}}},
    ],
)
def test_a_malformed_body_filter_is_refused_with_its_path(body):
    with pytest.raises(InvalidPayload) as refusal:
        parse_filter(body, path=".parameters.filters")

    assert refusal.value.details.startswith(
        "Property .parameters.filters should match either "
    )


@pytest.mark.parametrize("body", [None, [], "and", 3])
def test_a_filter_that_is_no_object_is_refused(body):
    with pytest.raises(InvalidPayload) as refusal:
        parse_filter(body, path=".filter")

    assert refusal.value.details == "Property .filter must be object"


@pytest.mark.parametrize("junction", ["xor", 1, ["and"]])
def test_an_unknown_junction_is_refused(junction):
    with pytest.raises(InvalidPayload) as refusal:
        parse_filter({"junction": junction}, path=".filter")

    assert refusal.value.details == (
        "Property .filter has wrong `junction` property. It must be one of: and, or"
    )


def test_a_body_filter_takes_bare_values_and_is_stored_with_arrays():
    parsed = parse_filter(
        {
            "junction": "AND",
            "price": {"conditions": {"$more_than": 100, "$less_than": [900]}},
        }
    )

    assert parsed.to_json() == {
        "junction": "and",
        "price": {"conditions": {"$more_than": [100], "$less_than": [900]}},
    }


def test_a_filter_without_junction_is_answered_with_and():
    assert parse_filter({}).to_json() == {"junction": "and"}


LISTED = frozenset({"name", "metadata.*"})


@pytest.mark.parametrize("field", ["name", "metadata.city", "metadata.address.city"])
def test_a_listed_attribute_may_be_filtered(field):
    body = {field: {"conditions": {"$is": ["x"]}}}

    assert parse_filter(body, fields=LISTED).fields[0].field == field


@pytest.mark.parametrize("field", ["metadata", "email"])
def test_an_unlisted_attribute_is_refused(field):
    body = {field: {"conditions": {"$is": ["x"]}}}

    with pytest.raises(InvalidPayload) as refusal:
        parse_filter(body, fields=LISTED)

    assert refusal.value.details == (
        f"Property .filters cannot be filtered by '{field}'"
    )


def test_the_date_shortcuts_become_conditions():
    parsed = parse_date_windows(
        [
            ("created_at[after]", ["2027-01-01"]),
            ("[created_at][before]", ["2027-02-01"]),
            ("updated_at[before]", ["2027-03-01"]),
            ("created_at", ["2027-03-01"]),
        ]
    )

    assert parsed == Filter(
        (
            FieldFilter(
                "created_at",
                (
                    Condition("$after", ("2027-01-01",)),
                    Condition("$before", ("2027-02-01",)),
                ),
            ),
            FieldFilter("updated_at", (Condition("$before", ("2027-03-01",)),)),
        )
    )


def test_the_value_of_a_condition_is_its_first():
    assert Condition("$is", ("a", "b")).value == "a"
    assert Condition("$is", ()).value is None


def test_locations_are_named_by_the_conditions_that_ask_for_places():
    first = {
        "metadata.home": {"conditions": {"$in_location": ["loc_1", 7, "loc_2"]}},
        "name": {"conditions": {"$is": ["loc_3"]}},
    }
    second = {"metadata.work": {"conditions": {"$not_in_location": "loc_4"}}}

    named = locations_named(parse_filter(one) for one in (first, second))

    assert named == {"loc_1", "loc_2", "loc_4"}
    assert locations_named([]) == frozenset()
