"""Applicability lists: read, refused, written back."""

import pytest

from campaigns.engine.applicability import ApplicableTo
from campaigns.engine.applicability_parsing import (
    applicable_to_json,
    collections_in,
    parse_applicable_to,
)
from promo.errors import InvalidPayload

ENTRY = {
    "object": "products_collection",
    "id": "pc_1",
    "source_id": None,
    "effect": "APPLY_FROM_CHEAPEST",
    "strict": False,
    "skip_initially": 1,
    "repeat": 2,
    "price": 1000,
    "quantity_limit": 2,
    "aggregated_quantity_limit": 4,
    "amount_limit": 300,
    "aggregated_amount_limit": 800,
    "product_campaign_quantity_limit": 10,
    "price_formula": "ORDER_ITEM_PRICE * 0.85",
    "target": "UNIT",
}


@pytest.mark.spec("rules 6.1 included[], excluded[]")
@pytest.mark.spec("rules 6.1 skip_initially, repeat, target")
@pytest.mark.spec("rules 6.1 quantity_limit")
def test_an_entry_is_read_and_echoed_as_it_was():
    body = {"excluded": [], "included": [ENTRY], "included_all": False}

    lists = parse_applicable_to(body)

    (entry,) = lists.included
    assert (entry.object, entry.id, entry.source_id) == (
        "products_collection",
        "pc_1",
        None,
    )
    assert (entry.effect, entry.skip_initially, entry.repeat, entry.target) == (
        "APPLY_FROM_CHEAPEST",
        1,
        2,
        "UNIT",
    )
    assert (entry.price, entry.price_formula) == (1000, "ORDER_ITEM_PRICE * 0.85")
    assert (entry.quantity_limit, entry.aggregated_quantity_limit) == (2, 4)
    assert (entry.amount_limit, entry.aggregated_amount_limit) == (300, 800)
    assert applicable_to_json(lists) == body


@pytest.mark.spec("rules 6.1 included[], excluded[]")
@pytest.mark.spec("rules 6.1 effect")
@pytest.mark.spec("rules 6.1 strict")
@pytest.mark.spec("rules 6.1 skip_initially, repeat, target")
def test_a_bare_entry_gets_its_defaults():
    lists = parse_applicable_to(
        {"excluded": [{"object": "sku", "source_id": "lamp-1", "strict": True}]}
    )

    (entry,) = lists.excluded
    assert (entry.skip_initially, entry.repeat, entry.target) == (0, 1, "ITEM")
    assert applicable_to_json(lists) == {
        "included": [],
        "excluded": [
            {
                "object": "sku",
                "id": None,
                "source_id": "lamp-1",
                "effect": "APPLY_TO_EVERY",
                "strict": False,
            }
        ],
        "included_all": False,
    }


@pytest.mark.spec("rules 6.1 product_id, product_source_id")
def test_a_sku_entry_may_name_its_product():
    sku = {"object": "sku", "id": "sku_1"}
    parent = {"product_id": "prod_1", "product_source_id": "shirt"}

    lists = parse_applicable_to({"included": [sku | parent]})

    (shown,) = applicable_to_json(lists)["included"]
    assert {name: shown[name] for name in parent} == parent


def test_a_price_formula_may_be_a_bare_number():
    lists = parse_applicable_to(
        {"included": [{"object": "product", "id": "prod_1", "price_formula": 12.5}]}
    )

    assert lists.included[0].price_formula == "12.5"


def test_lists_that_were_never_sent_are_null():
    assert parse_applicable_to(None) is None
    assert applicable_to_json(None) is None
    assert collections_in(None) == frozenset()


def test_an_empty_object_lists_nothing():
    assert parse_applicable_to({"included": None}) == ApplicableTo()


def test_the_collections_of_both_lists_are_named():
    lists = parse_applicable_to(
        {
            "included": [{"object": "products_collection", "id": "pc_1"}],
            "excluded": [
                {"object": "products_collection", "id": "pc_2"},
                {"object": "product", "id": "prod_1"},
            ],
            "included_all": True,
        }
    )

    assert lists.included_all
    assert collections_in(lists) == {"pc_1", "pc_2"}


def included(**fields: object) -> dict:
    return {"included": [{"object": "product", "id": "prod_1", **fields}]}


@pytest.mark.spec("rules 6.1 object")
@pytest.mark.spec("rules 6.1 id, source_id")
@pytest.mark.spec("rules 6.1 effect")
@pytest.mark.parametrize(
    ("body", "details"),
    [
        ([], " must be object"),
        ({"included_all": "yes"}, ".included_all must be boolean"),
        ({"included": {}}, ".included must be array"),
        ({"excluded": ["prod_1"]}, ".excluded[0] must be object"),
        (
            {"included": [{"id": "prod_1"}]},
            ".included[0] should have required property 'object'",
        ),
        (
            {"included": [{"object": "product"}]},
            ".included[0] should have required property 'id'",
        ),
        (
            included(object="category"),
            (
                ".included[0].object must be equal to one of the allowed values "
                "[ product, sku, products_collection ]"
            ),
        ),
        (included(id=5), ".included[0].id must be string"),
        (
            included(effect="APPLY_TO_ALL"),
            (
                ".included[0].effect must be equal to one of the allowed values "
                "[ APPLY_TO_EVERY, APPLY_TO_CHEAPEST, APPLY_FROM_CHEAPEST, "
                "APPLY_TO_MOST_EXPENSIVE, APPLY_FROM_MOST_EXPENSIVE ]"
            ),
        ),
        (included(repeat=0), ".included[0].repeat must be >= 1"),
        (included(skip_initially=-1), ".included[0].skip_initially must be >= 0"),
        (included(quantity_limit="2"), ".included[0].quantity_limit must be integer"),
        (
            included(target="LINE"),
            (
                ".included[0].target must be equal to one of the allowed values "
                "[ ITEM, UNIT ]"
            ),
        ),
        (included(price_formula=True), ".included[0].price_formula must be string"),
    ],
)
def test_lists_of_another_shape_are_refused_with_their_path(body, details):
    with pytest.raises(InvalidPayload) as refusal:
        parse_applicable_to(body)

    assert refusal.value.details == f"Property .applicable_to{details}"
