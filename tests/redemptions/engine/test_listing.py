import pytest

from campaigns.engine.applicability import ApplicableTo
from campaigns.engine.discounts import Effect
from redemptions.engine.decide import decide
from redemptions.engine.facts import ItemFacts
from redemptions.engine.listing import wire_list
from tests.redemptions.engine.carts import (
    CART_K,
    amount_off,
    assigned,
    entry,
    facts,
    fixed,
    including,
    line,
    order,
    percent_off,
    product,
    sku,
    unit_off,
    units_known,
    voucher,
)

ITEMS = Effect.APPLY_TO_ITEMS
DEFAULTS = {
    "effect": "APPLY_TO_EVERY",
    "skip_initially": 0,
    "repeat": 1,
    "target": "ITEM",
    "strict": False,
}
CART_R = order(
    line("lamp", 1950, 2, product=product("lamp", 1950, "pc_lighting")),
    line("bulb", 240, 6, product=product("bulb", 240, "pc_lighting")),
    line("desk", 8700),
)


def lists(applicable_to, discount=None, cart=CART_K, **rest):
    discount = discount or percent_off(10, ITEMS)
    redeemable = voucher(discount=discount, rules=(assigned(applicable_to),))
    found = decide(facts(redeemable, order=cart, **rest)).entries[0]
    return list(found.applicable_to), list(found.inapplicable_to)


def test_nothing_defined_lists_nothing():
    assert lists(None) == ([], [])
    assert wire_list(()) == {
        "data": [],
        "total": 0,
        "data_ref": "data",
        "object": "list",
    }


def test_the_cheapest_of_a_collection_without_the_desk():
    defined = ApplicableTo(
        (entry("lighting", "products_collection", effect="APPLY_TO_CHEAPEST"),),
        (entry("desk"),),
    )

    applicable, inapplicable = lists(defined, cart=CART_R)

    bulb_units = [{"index": 1, "units": [1, 2, 3, 4, 5, 6]}]
    cheapest = DEFAULTS | {"effect": "APPLY_TO_CHEAPEST"}
    assert applicable == [
        cheapest
        | {
            "object": "products_collection",
            "id": "pc_lighting",
            "order_item_indices": [1],
            "order_item_units": bulb_units,
        },
        cheapest
        | {
            "object": "product",
            "id": "prod_bulb",
            "source_id": "bulb",
            "strict": True,
            "order_item_indices": [1],
            "order_item_units": bulb_units,
        },
    ]
    assert inapplicable == [
        DEFAULTS
        | {
            "object": "product",
            "id": "prod_desk",
            "order_item_indices": [2],
            "order_item_units": [{"index": 2, "units": [1]}],
        }
    ]


def test_an_entry_that_matches_nothing_has_no_indices():
    applicable, _ = lists(including("unknown"))

    assert applicable == [DEFAULTS | {"object": "product", "id": "prod_unknown"}]


def test_definitions_are_echoed_with_their_caps():
    definition = {"object": "product", "id": "prod_tea", "product_id": "kept"}
    defined = ApplicableTo(
        (
            type(entry("tea"))(
                "product",
                "prod_tea",
                "tea",
                quantity_limit=1,
                amount_limit=50,
                definition=definition,
            ),
        )
    )

    applicable, _ = lists(defined)

    assert applicable == [
        DEFAULTS
        | definition
        | {
            "source_id": "tea",
            "quantity_limit": 1,
            "amount_limit": 50,
            "order_item_indices": [0],
            "order_item_units": [{"index": 0, "units": [1]}],
        }
    ]


def test_included_all_starts_with_the_collection_of_everything():
    applicable, _ = lists(ApplicableTo(included_all=True), all_products_id="pc_all")

    assert [(each["object"], each["id"], each["strict"]) for each in applicable] == [
        ("products_collection", "pc_all", False),
        ("product", "prod_tea", True),
        ("product", "prod_cup", True),
        ("product", "prod_kettle", True),
        ("product", "prod_honey", True),
    ]
    assert applicable[0]["order_item_indices"] == [0, 1, 2, 3]


def test_a_sku_found_through_a_collection_names_its_product():
    cart = order(
        line("shirt", 500, product=product("shirt"), sku=sku("red", 500, "pc_sale")),
        line("x", 5, product=None, sku=sku("blue", 5, "pc_sale")),
        line(
            "y",
            5,
            product=ItemFacts("product", "prod_y", None),
            sku=ItemFacts("sku", "sku_y", None, collections=frozenset({"pc_sale"})),
        ),
    )

    applicable, _ = lists(
        ApplicableTo((entry("sale", "products_collection"),)), cart=cart
    )

    red, blue, bare = applicable[1:]
    assert red["object"] == "sku"
    assert red["id"] == "sku_red"
    assert red["product_id"] == "prod_shirt"
    assert red["product_source_id"] == "shirt"
    assert "product_id" not in blue
    assert bare["product_id"] == "prod_y"
    assert "product_source_id" not in bare
    assert "source_id" not in bare


def test_one_resource_is_listed_once_and_the_strict_one_wins():
    cart = order(
        line("tea", 100, product=product("tea", 100, "pc_hot")),
        line("tea", 100, product=product("tea", 100, "pc_hot")),
    )
    tea, hot = entry("tea"), entry("hot", "products_collection")

    applicable, _ = lists(ApplicableTo((hot, tea)), cart=cart)
    only_collection, _ = lists(ApplicableTo((hot,)), cart=cart)

    assert [(each["id"], each["strict"]) for each in applicable] == [
        ("pc_hot", False),
        ("prod_tea", False),
    ]
    assert [(each["id"], each["strict"]) for each in only_collection] == [
        ("pc_hot", False),
        ("prod_tea", True),
    ]
    assert only_collection[1]["order_item_indices"] == [0, 1]


def test_of_two_collections_that_reach_one_product_the_first_lists_it():
    cart = order(
        line("tea", 100, product=product("tea", 100, "pc_hot")),
        line("tea", 100, product=product("tea", 100, "pc_sale")),
    )
    both = [entry(name, "products_collection") for name in ("hot", "sale")]

    applicable, _ = lists(ApplicableTo(tuple(both)), cart=cart)

    assert [
        (each["id"], each["strict"], each["order_item_indices"]) for each in applicable
    ] == [
        ("pc_hot", False, [0]),
        ("prod_tea", True, [0]),
        ("pc_sale", False, [1]),
    ]


def test_a_line_naming_nothing_is_covered_but_not_listed():
    cart = order(line("x", 5, product=None))

    applicable, _ = lists(ApplicableTo(included_all=True), cart=cart)

    assert len(applicable) == 1
    assert applicable[0]["order_item_indices"] == [0]


def test_a_new_price_is_put_on_its_entries():
    own_price, _ = lists(including("tea", price=900), fixed(1000, ITEMS))
    common_price, _ = lists(including("tea"), fixed(1000, ITEMS))
    no_price, _ = lists(including("tea"), fixed(None, ITEMS))
    other, _ = lists(including("tea"), amount_off(1000, ITEMS))

    assert own_price[0]["price"] == 900
    assert common_price[0]["price"] == 1000
    assert "price" not in no_price[0]
    assert "price" not in other[0]


def test_beyond_a_thousand_units_they_are_no_longer_named():
    cart = order(line("tea", 1, 1001))

    applicable, _ = lists(including("tea"), cart=cart)

    assert applicable[0]["order_item_units"] == [
        {"index": 0, "units_limit_exceeded": True}
    ]


@pytest.mark.spec("rules 6.2 order-level effect")
def test_lists_of_an_order_level_discount_are_for_information():
    defined = ApplicableTo((entry("tea"),), (entry("cup"),))

    applicable, inapplicable = lists(defined, percent_off(10, Effect.APPLY_TO_ORDER))

    assert applicable[0]["order_item_indices"] == [0]
    assert inapplicable[0]["order_item_indices"] == [1]


def test_a_line_whose_units_all_gave_way_is_not_listed():
    cart = order(line("regular", 400), line("cup", 100))
    upgrade = unit_off(1, "prod_large", Effect.REPLACE_ITEMS)
    excluding = ApplicableTo(excluded=(entry("regular"), entry("cup")))

    decision = decide(
        facts(
            voucher("A", upgrade, rules=(assigned(including("regular")),)),
            voucher("B", amount_off(1), rules=(assigned(excluding),)),
            order=cart,
            units=units_known(product("large", 500)),
        )
    )

    reached = [
        each.get("order_item_indices") for each in decision.entries[1].inapplicable_to
    ]
    assert reached == [None, [1]]
