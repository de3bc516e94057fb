"""Objects and arrays written into a query string."""

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from promo.api.deep_query import nested, whole_numbers
from promo.errors import InvalidQueryParams


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", None),
        ("items=1", None),
        ("item=x", "x"),
        ("item[a]=1", {"a": "1"}),
        ("item[a][b]=1&item[a][c]=2", {"a": {"b": "1", "c": "2"}}),
        ("item[1]=b&item[0]=a", ["a", "b"]),
        ("item[]=a&item[]=b", ["a", "b"]),
        ("item[0][p]=1&item[1][p]=2", [{"p": "1"}, {"p": "2"}]),
        ("item[10]=c&item[9]=b", ["b", "c"]),
    ],
)
def test_brackets_spell_objects_and_arrays(query, expected):
    assert nested(QueryDict(query), "item") == expected


@pytest.mark.parametrize(
    ("query", "details"),
    [
        ("item[a=1", "Property .item must be written with brackets"),
        ("item[a]b=1", "Property .item must be written with brackets"),
        ("item[a]=1&item[a][b]=2", "Property .item is both a value and an object"),
        ("item[a][b]=2&item[a]=1", "Property .item is both a value and an object"),
        ("item" + "[a]" * 7 + "=1", "Property .item is too deep"),
    ],
)
def test_what_cannot_be_read_is_refused(query, details):
    with pytest.raises(InvalidQueryParams) as refused:
        nested(QueryDict(query), "item")

    assert refused.value.details == details


def test_only_named_texts_become_numbers():
    names = frozenset({"price"})

    assert whole_numbers(
        [{"price": "12", "name": "12", "in": {"price": "-1"}}, {"price": "1.5"}], names
    ) == [{"price": 12, "name": "12", "in": {"price": -1}}, {"price": "1.5"}]


@given(st.text(alphabet="ab[]=&01", max_size=30))
def test_any_query_is_read_or_refused(query):
    try:
        found = nested(QueryDict(query), "a")
    except InvalidQueryParams:
        return
    assert found is None or isinstance(found, str | list | dict)
