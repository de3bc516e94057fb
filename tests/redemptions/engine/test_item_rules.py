"""Rules about order lines, on cart R of the specification."""

from dataclasses import replace

import pytest

from redemptions.engine.facts import ItemFacts, Line, OrderFacts
from tests.redemptions.engine.rule_cases import (
    ALL_PRODUCTS,
    BULB,
    CART_R,
    DESK,
    LAMP,
    LIGHTING,
    context,
    line,
    outcome,
    passes,
    rule,
)

ANY, EVERY, NONE = "order.items.any", "order.items.every", "order.items.none"
CHEAPEST, DEAREST = "order.items.cheapest", "order.items.most_expensive"
IN_LIGHTING = {"id": LIGHTING, "object": "products_collection"}
QUANTITY, PRICE = "order.items.quantity", "order.items.price"
TOTAL_QUANTITY = "order.items.aggregated_quantity"
TOTAL_AMOUNT = "order.items.aggregated_amount"


def lighting(name: str, **rules: dict) -> dict:
    nested = {str(index): each for index, each in enumerate(rules.values(), 1)}
    return rule(name, "$is", IN_LIGHTING, rules=nested)


@pytest.mark.spec("rules 4.4 order.items.any")
@pytest.mark.spec("rules 4.4 order.items.every")
@pytest.mark.spec("rules 4.4 order.items.none")
@pytest.mark.spec("rules 4.4 order.items.cheapest")
@pytest.mark.spec("rules 4.4 order.items.most_expensive")
@pytest.mark.spec("rules 4.4 any $is Lighting, aggregated quantity ≥ 8")
@pytest.mark.spec("rules 4.4 any $is Lighting, aggregated amount > 5340")
@pytest.mark.spec("rules 4.4 any $is Lighting, price < 300 and quantity ≥ 6")
@pytest.mark.spec("rules 4.4 any $is Lighting, price > 1000 and quantity ≥ 6")
@pytest.mark.spec("rules 4.4 every $is Lighting")
@pytest.mark.spec("rules 4.4 none $is desk")
@pytest.mark.spec("rules 4.4 cheapest $is bulb")
@pytest.mark.spec("rules 4.4 most_expensive $is lamp")
@pytest.mark.spec("rules 4.4 most_expensive $is lamp, $from Lighting")
@pytest.mark.spec("rules 4.4 order.items.count $more_than [8]")
@pytest.mark.spec("rules 4.4 order.items.price_any $more_than [8000]")
@pytest.mark.spec("rules 4.4 order.items.price_each $more_than_or_equal [300]")
@pytest.mark.spec("rules 4.2 order.items.price_any")
@pytest.mark.spec("rules 4.2 order.items.price_each")
@pytest.mark.parametrize(
    ("single", "expected"),
    [
        (lighting(ANY, a=rule(TOTAL_QUANTITY, "$more_than_or_equal", 8)), True),
        (lighting(ANY, a=rule(TOTAL_AMOUNT, "$more_than", 5340)), False),
        (lighting(ANY, a=rule(TOTAL_AMOUNT, "$is", 5340)), True),
        (
            lighting(
                ANY,
                a=rule(PRICE, "$less_than", 300),
                b=rule(QUANTITY, "$more_than_or_equal", 6),
            ),
            True,
        ),
        (
            lighting(
                ANY,
                a=rule(PRICE, "$more_than", 1000),
                b=rule(QUANTITY, "$more_than_or_equal", 6),
            ),
            False,
        ),
        (rule(EVERY, "$is", IN_LIGHTING), False),
        (rule(NONE, "$is", {"id": "prod_desk"}), False),
        (rule(CHEAPEST, "$is", {"id": "prod_bulb"}), True),
        (rule(DEAREST, "$is", {"id": "prod_lamp"}), False),
        (
            rule(
                DEAREST,
                conditions={"$is": [{"id": "prod_lamp"}], "$from": [IN_LIGHTING]},
            ),
            True,
        ),
        (rule("order.items.count", "$more_than", 8), True),
        (rule("order.items.price_any", "$more_than", 8000), True),
        (rule("order.items.price_each", "$more_than_or_equal", 300), False),
    ],
)
def test_the_table_of_cart_r(single, expected):
    assert passes(single) is expected


@pytest.mark.spec("rules 4.4 $is / $in")
@pytest.mark.spec("rules 4.4 $is_not / $not_in")
@pytest.mark.spec("rules 4.4 $from")
@pytest.mark.spec("rules 4.4 absent")
@pytest.mark.spec("rules 4.4 order.items.aggregated_amount")
@pytest.mark.spec("rules 4.4 order.items.aggregated_quantity")
@pytest.mark.spec("rules 4.4 order.items.price")
@pytest.mark.spec("rules 4.4 order.items.quantity")
@pytest.mark.spec("rules 4.4 order.items.metadata + property")
@pytest.mark.spec("rules 4.2 order.items.metadata_any / _each + property")
@pytest.mark.spec("rules 3.1 $from")
@pytest.mark.parametrize(
    ("single", "expected"),
    [
        (rule(ANY, "$is", {"source_id": "desk", "object": "product"}), True),
        (rule(ANY, "$in", "prod_x", "prod_lamp"), True),
        (rule(ANY, "$is", {"id": "desk"}), True),
        (rule(ANY, "$is", {"id": "chair"}), False),
        (rule(ANY, "$is", {"id": ALL_PRODUCTS}), True),
        (rule(EVERY, "$is", {"id": ALL_PRODUCTS}), True),
        (rule(ANY, "$is", {"source_id": LIGHTING}), False),
        (rule(ANY, "$is_not", IN_LIGHTING), True),
        (rule(EVERY, "$not_in", "prod_chair", "prod_sofa"), True),
        (rule(EVERY, "$is_not", IN_LIGHTING), False),
        (rule(ANY), True),
        (rule(EVERY), True),
        (rule(NONE), False),
        (rule(NONE, "$is", "prod_chair"), True),
        (
            rule(ANY, conditions={"$is": ["prod_desk"], "$from": [IN_LIGHTING]}),
            False,
        ),
        (
            rule(ANY, conditions={"$is": ["prod_lamp"], "$from": [IN_LIGHTING]}),
            True,
        ),
        (lighting(NONE, a=rule(PRICE, "$more_than", 2000)), True),
        (lighting(NONE, a=rule(PRICE, "$more_than", 1000)), False),
        (
            lighting(NONE, a=rule("custom_event.metadata", "$is", 1, property="x")),
            False,
        ),
        (
            lighting(NONE, a=rule(ANY, rules={"1": rule("order.amount", "$is", 1)})),
            True,
        ),
        (rule(EVERY, rules={"1": rule(PRICE, "$more_than", 200)}), True),
        (rule(EVERY, rules={"1": rule(PRICE, "$more_than", 300)}), False),
        (rule(EVERY, rules={"1": rule(TOTAL_QUANTITY, "$is", 9)}), True),
        (rule(CHEAPEST, rules={"1": rule(QUANTITY, "$is", 6)}), True),
        (rule(CHEAPEST, rules={"1": rule(QUANTITY, "$is", 2)}), False),
        (rule(DEAREST, "$from", "pc_empty"), False),
        (
            rule(
                ANY,
                "$is",
                "prod_bulb",
                rules={"1": rule("order.items.metadata", "$is", True, property="gift")},
            ),
            True,
        ),
        (
            rule(
                ANY,
                rules={
                    "1": rule("order.items.metadata", "$is", "hall", property="room")
                },
            ),
            True,
        ),
        (rule("order.items.metadata_any", "$is", "study", property="room"), True),
        (rule("order.items.metadata_any", "$is", "attic", property="room"), False),
        (rule("order.items.metadata_each", "$is", "study", property="room"), False),
        (rule("order.items.metadata_each", "$is_not", "attic", property="room"), True),
        (rule("order.items.metadata", "$is", "hall", property="room"), True),
        (rule(PRICE, "$is", 240), True),
        (rule(TOTAL_AMOUNT, "$is", 14_040), True),
    ],
)
def test_rules_about_lines(single, expected):
    assert passes(single) is expected


def test_a_nested_rule_about_something_else_reads_the_whole_order():
    single = rule(
        ANY, "$is", "prod_lamp", rules={"1": rule("order.amount", "$is", 14_040)}
    )

    assert passes(single)


def test_a_line_without_price_does_not_compete():
    free = line(3, "leaflet", 1, None)
    where = context(OrderFacts((*CART_R.lines, free), None))

    assert passes(rule(CHEAPEST, "$is", "prod_bulb"), where)
    assert not passes(rule("order.items.price_each", "$is_not", 7), where)
    assert passes(rule("order.items.price_any", "$is", 240), where)
    assert not passes(
        rule(ANY, "$is", "prod_leaflet", rules={"1": rule(PRICE, "$is_not", 7)}), where
    )


def test_all_lines_of_the_extreme_price_must_match():
    twin = line(3, "candle", 1, 240)
    where = context(OrderFacts((*CART_R.lines, twin), None))

    assert not passes(rule(CHEAPEST, "$is", "prod_bulb"), where)
    assert passes(rule(CHEAPEST, "$in", "prod_bulb", "prod_candle"), where)
    total = {"1": rule(TOTAL_QUANTITY, "$is", 7)}
    assert passes(rule(CHEAPEST, rules=total), where)


def test_a_price_is_found_from_the_amount():
    by_amount = Line(0, 4, None, 1000, product=LAMP.product)
    unknown = Line(1, 0, None, 1000, product=DESK.product)
    where = context(OrderFacts((by_amount, unknown), None))

    assert passes(rule("order.items.price_any", "$is", 250), where)
    assert passes(rule(TOTAL_AMOUNT, "$is", 2000), where)
    assert passes(rule(CHEAPEST, "$is", "prod_lamp"), where)


def test_a_sku_entry_matches_itself_and_a_product_entry_its_skus():
    sku = ItemFacts("sku", "sku_1", "lamp-red", metadata={"colour": "red"})
    other = ItemFacts("sku", "sku_2", "lamp-blue")
    lines = (replace(LAMP, sku=sku), replace(LAMP, index=1, sku=other))
    where = context(OrderFacts(lines, None))

    assert passes(rule(EVERY, "$is", "prod_lamp"), where)
    assert passes(rule(ANY, "$is", "sku_1"), where)
    assert not passes(rule(EVERY, "$is", "sku_1"), where)
    assert passes(rule(ANY, "$is", {"id": "lamp-blue"}), where)
    assert passes(
        rule("order.items.metadata_any", "$is", "red", property="colour"), where
    )


@pytest.mark.spec("rules 4.5 product.id, sku.id")
@pytest.mark.spec("rules 4.5 product.price, sku.price")
@pytest.mark.spec("rules 4.5 product.quantity, sku.quantity")
@pytest.mark.spec("rules 4.5 product.metadata + property")
@pytest.mark.spec("rules 4.5 product.metadata.aggregated_quantity")
@pytest.mark.parametrize(
    ("single", "expected"),
    [
        (rule("product.id", "$is", "prod_lamp"), True),
        (rule("product.id", "$is", IN_LIGHTING), True),
        (rule("sku.id", "$is", "sku_9"), False),
        (rule("product.id", "$is_not", "prod_lamp"), False),
        (rule("product.id", "$not_in", "prod_chair"), True),
        (rule("product.id", "$not_in", "prod_chair", "prod_desk"), False),
        (
            rule(
                "product.id",
                "$is_not",
                "prod_lamp",
                rules={"1": rule("product.quantity", "$more_than", 5)},
            ),
            True,
        ),
        (
            rule(
                "product.id",
                "$is",
                "prod_bulb",
                rules={"1": rule("product.price", "$less_than", 300)},
            ),
            True,
        ),
        (
            rule(
                "product.id",
                "$is",
                "prod_bulb",
                rules={"1": rule("product.quantity", "$more_than", 6)},
            ),
            False,
        ),
        (
            rule(
                "product.id",
                conditions={"$is": ["prod_lamp"], "$is_not": ["prod_chair"]},
            ),
            True,
        ),
        (
            rule(
                "product.id", conditions={"$is": ["prod_x"], "$is_not": ["prod_chair"]}
            ),
            False,
        ),
        (rule("sku.price", "$is", 240), True),
        (rule("sku.quantity", "$is", 3), False),
        (rule("product.metadata", "$is", "study", property="room"), True),
        (rule("product.metadata", "$is", "attic", property="room"), False),
        (
            rule(
                "product.metadata",
                "$more_than",
                5,
                property="watt",
                rules={
                    "1": rule("product.metadata.aggregated_quantity", "$is", 8),
                    "2": rule("product.metadata.aggregated_amount", "$is", 5340),
                },
            ),
            True,
        ),
    ],
)
def test_legacy_rules_about_products(single, expected):
    assert passes(single) is expected


@pytest.mark.spec("rules 4.5 product.metadata.match_all")
@pytest.mark.parametrize(
    ("lines", "flag", "expected"),
    [
        ((LAMP, BULB), True, True),
        ((LAMP, BULB, DESK), True, False),
        ((LAMP, BULB, DESK), False, True),
    ],
)
def test_match_all_asks_for_the_metadata_of_every_line(lines, flag, expected):
    single = rule(
        "product.metadata",
        "$more_than",
        5,
        property="watt",
        rules={"1": rule("product.metadata.match_all", "$is", flag)},
    )

    assert passes(single, context(OrderFacts(lines, None))) is expected


def test_match_all_by_itself_leaves_no_line_out():
    assert passes(rule("product.metadata.match_all", "$is", True))


@pytest.mark.spec("rules 4.5 `product.discount_applicable`")
@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize(
    "name",
    [
        "product.discount_applicable",
        "sku.discount_applicable",
        "product.metadata.discount_applicable",
    ],
)
def test_whether_a_discount_may_touch_an_item_is_no_test(name, flag):
    flagged = {"1": rule(name, "$is", flag)}

    assert passes(rule("product.id", "$is", {"id": "prod_lamp"}, rules=flagged))


@pytest.mark.parametrize(("limit", "expected"), [(1, True), (0, False)])
def test_a_count_among_nested_rules_is_compared_like_everywhere(limit, expected):
    count = rule("redemption.count.per_customer", "$less_than_or_equal", limit)

    for name in (ANY, CHEAPEST):
        single = rule(name, "$is", "prod_bulb", rules={"1": count})
        assert passes(single) is expected
    assert passes(rule(NONE, "$is", "prod_bulb", rules={"1": count})) is not expected


@pytest.mark.parametrize(
    ("single", "sentence"),
    [
        (
            rule(ANY, "$is", "prod_chair", "prod_sofa"),
            ("none of the 3 items is prod_chair or prod_sofa, at least one must be"),
        ),
        (
            rule(EVERY, "$is", IN_LIGHTING),
            "items 1 and 2 of 3 are in the collection pc_lighting, all must be",
        ),
        (
            rule(NONE, "$is", "prod_desk"),
            "item 3 of 3 is prod_desk, none may be",
        ),
        (
            rule(
                DEAREST, conditions={"$is_not": ["prod_desk"], "$from": [ALL_PRODUCTS]}
            ),
            (
                "the most expensive is item 3 of 3, needs to be not prod_desk and "
                "in the collection pc_a11pr0dUc75"
            ),
        ),
        (
            rule(NONE),
            "items 1, 2 and 3 of 3 are there, none may be",
        ),
    ],
)
def test_an_item_rule_says_which_lines_it_found(single, sentence):
    assert outcome({"1": single}).sentences() == (sentence,)


def test_the_trace_names_lines_and_targets():
    (traced,) = outcome({"1": rule(ANY, "$is", "prod_lamp")}).trace()

    assert traced["rules"][0]["conditions"] == [
        {
            "operator": "$is",
            "expected": [{"object": "product", "id": "prod_lamp", "source_id": None}],
            "actual": [0],
            "passed": True,
            "targets": {
                "$is": [{"object": "product", "id": "prod_lamp", "source_id": None}]
            },
            "lines": 3,
            "sentence": "item 1 of 3 is prod_lamp, at least one must be",
        }
    ]
