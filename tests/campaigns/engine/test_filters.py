"""Membership of collections that fill themselves."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from campaigns.engine.filters import (
    CatalogueItem,
    attribute,
    is_member,
    parse_collection_filter,
)
from promo.calendar_windows import Calendar
from promo.comparison import Kind
from promo.errors import InvalidPayload
from promo.geometry import Circle, Point

CALENDAR = Calendar(datetime(2027, 3, 17, 12, tzinfo=UTC), UTC)

LAMP = CatalogueItem(
    "product",
    id="prod_lamp",
    source_id="lamp",
    name="Desk lamp",
    price=1950,
    attributes=("colour", "size"),
    skus=("sku_1", "sku_2", "sku_3"),
    created_at=datetime(2027, 3, 16, tzinfo=UTC),
    metadata={"range": "home", "size": "10", "at": "52.2,21.0"},
)


def member(item: CatalogueItem = LAMP, **conditions: dict) -> bool:
    body = {
        field.replace("__", "."): {"conditions": condition}
        for field, condition in conditions.items()
    }
    return is_member(
        parse_collection_filter({"junction": "and", **body}),
        item,
        CALENDAR,
        schema={"size": Kind.NUMBER},
        locations={"loc_1": Circle(Point(52.2, 21), 100)},
    )


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"name": {"$contains": ["lamp"]}}, True),
        ({"price": {"$more_than": ["1000"], "$less_than": [2000]}}, True),
        ({"price": {"$more_than": [1950]}}, False),
        ({"object": {"$is": ["product"]}}, True),
        ({"id": {"$in": ["prod_lamp"]}}, True),
        ({"product_id": {"$is_unknown": [""]}}, True),
        ({"skus": {"$count": [3]}}, True),
        ({"attributes": {"$is": ["size"]}}, True),
        ({"image_url": {"$has_value": [""]}}, False),
        ({"created_at": {"$yesterday": [True]}}, True),
        ({"metadata__range": {"$is": ["home"]}}, True),
        ({"metadata__size": {"$more_than": [9]}}, True),
        ({"metadata__colour": {"$is_not": ["red"]}}, True),
        ({"metadata__at": {"$in_location": ["loc_1"]}}, True),
    ],
)
def test_a_filter_reads_the_attributes_of_a_product(conditions, expected):
    assert member(**conditions) is expected


def test_a_sku_is_tested_by_itself():
    sku = CatalogueItem("sku", id="sku_1", product_id="prod_lamp", price=2500)

    assert not member(sku, price={"$less_than": [2000]})
    assert member(sku, product_id={"$is": ["prod_lamp"]})


def test_a_collection_without_filter_is_refused():
    with pytest.raises(InvalidPayload) as refusal:
        parse_collection_filter(None)

    assert refusal.value.details == (
        "'AUTO_UPDATE' collection must contain valid filter with 'junction' property"
    )


def test_an_attribute_that_products_do_not_have_is_refused():
    with pytest.raises(InvalidPayload) as refusal:
        parse_collection_filter({"email": {"conditions": {"$is": ["a"]}}})

    assert refusal.value.details == "Property .filter cannot be filtered by 'email'"


def test_an_unknown_attribute_has_no_value():
    assert attribute(LAMP, "colour") is None


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([], True),
        ([{}, {"at": "52.2, 21.0"}], True),
        ([{"at": "0, 0"}, {"at": "52.2, 21.0"}], False),
        ([{"colour": "red"}], False),
    ],
)
def test_coordinates_are_the_first_that_the_places_have(places, expected):
    lamp = replace(LAMP, places=places)

    assert member(lamp, metadata__at={"$in_location": ["loc_1"]}) is expected
    assert member(lamp, metadata__at={"$is": ["52.2,21.0"]})
    assert not member(lamp, name={"$in_location": ["loc_1"]})
