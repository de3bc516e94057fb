import pytest

from campaigns.engine.applicability import ApplicableTo
from redemptions.engine.applicability import joined_lists
from redemptions.engine.facts import ItemFacts
from redemptions.engine.order import opening_state
from redemptions.engine.selection import covered_units
from tests.redemptions.engine.carts import (
    CART_K,
    assigned,
    entry,
    including,
    line,
    order,
    product,
    sku,
)

ALL = "pc_all"


def selected(cart, *rules, closed=frozenset()):
    state = opening_state(cart)
    lists = joined_lists(rules, ALL)
    return [
        (each.position, list(each.units))
        for each in covered_units(lists, state, closed)
    ]


def everything(**rest):
    return assigned(ApplicableTo((entry("all", "products_collection", **rest),)))


@pytest.mark.spec("engine 3.1 APPLY_TO_EVERY")
@pytest.mark.spec("engine 3.1 APPLY_TO_CHEAPEST")
@pytest.mark.spec("engine 3.1 APPLY_FROM_CHEAPEST")
@pytest.mark.spec("engine 3.1 APPLY_TO_MOST_EXPENSIVE")
@pytest.mark.spec("engine 3.1 APPLY_FROM_MOST_EXPENSIVE")
@pytest.mark.spec("engine 3.2 quantity_limit")
@pytest.mark.spec("engine 3.2 aggregated_quantity_limit")
@pytest.mark.spec("rules 6.1 effect")
@pytest.mark.spec("rules 6.1 skip_initially, repeat, target")
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [(0, [1, 2]), (1, [1]), (2, [1]), (3, [1, 2, 3])]),
        ({"skip_initially": 1}, [(1, [1]), (2, [1]), (3, [1, 2, 3])]),
        ({"skip_initially": 1, "repeat": 2}, [(1, [1]), (3, [1, 2, 3])]),
        ({"effect": "APPLY_TO_CHEAPEST"}, [(3, [1, 2, 3])]),
        ({"effect": "APPLY_TO_CHEAPEST", "target": "UNIT"}, [(3, [1])]),
        ({"effect": "APPLY_TO_MOST_EXPENSIVE"}, [(2, [1])]),
        (
            {"effect": "APPLY_FROM_CHEAPEST", "repeat": 2},
            [(3, [1, 2, 3]), (1, [1])],
        ),
        (
            {"effect": "APPLY_FROM_MOST_EXPENSIVE", "skip_initially": 1, "repeat": 2},
            [(1, [1]), (3, [1, 2, 3])],
        ),
        (
            {
                "effect": "APPLY_FROM_MOST_EXPENSIVE",
                "skip_initially": 1,
                "repeat": 2,
                "target": "UNIT",
            },
            [(1, [1]), (0, [2]), (3, [2])],
        ),
        ({"quantity_limit": 2}, [(0, [1, 2]), (1, [1]), (2, [1]), (3, [1, 2])]),
        ({"aggregated_quantity_limit": 3}, [(0, [1, 2]), (1, [1])]),
        (
            {"quantity_limit": 1, "aggregated_quantity_limit": 3},
            [(0, [1]), (1, [1]), (2, [1])],
        ),
        ({"aggregated_quantity_limit": 0}, []),
    ],
)
def test_an_entry_orders_skips_repeats_and_caps(settings, expected):
    assert selected(CART_K, everything(**settings)) == expected


def test_ten_units_skipping_one_and_taking_every_third():
    cart = order(line("a", 10, 10))
    rules = everything(skip_initially=1, repeat=3, target="UNIT")

    assert selected(cart, rules) == [(0, [2, 5, 8])]


def test_units_are_numbered_through_the_lines():
    cart = order(line("a", 10, 2), line("b", 10, 2), line("c", 10, 5))
    rules = everything(skip_initially=4, repeat=2, target="UNIT")

    assert selected(cart, rules) == [(2, [1, 3, 5])]


def test_ties_in_price_keep_the_request_order_and_unpriced_lines_do_not_compete():
    cart = order(line("a", None), line("b", 10), line("c", 10))

    for effect in ("APPLY_TO_CHEAPEST", "APPLY_TO_MOST_EXPENSIVE"):
        assert selected(cart, everything(effect=effect)) == [(1, [1])]


def test_ranking_uses_the_unit_price_not_the_line_amount():
    cart = order(line("a", 100, 50), line("b", 900))

    rules = everything(effect="APPLY_TO_MOST_EXPENSIVE")

    assert selected(cart, rules) == [(1, [1])]


def test_closed_lines_take_no_part():
    assert selected(CART_K, closed=frozenset({0, 1, 2})) == [(3, [1, 2, 3])]


def positions(cart, *rules):
    return [position for position, _ in selected(cart, *rules)]


@pytest.mark.spec("rules 6.2 included_all: true")
@pytest.mark.spec("rules 6.2 included non-empty")
@pytest.mark.spec("rules 6.2 only excluded")
@pytest.mark.spec("rules 6.2 nothing, or no rule set")
@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        (None, [0, 1, 2, 3]),
        (ApplicableTo(), [0, 1, 2, 3]),
        (ApplicableTo(included_all=True), [0, 1, 2, 3]),
        (ApplicableTo(excluded=(entry("cup"),), included_all=True), [0, 2, 3]),
        (ApplicableTo(excluded=(entry("cup"),)), [0, 2, 3]),
        (including("tea", "cup"), [0, 1]),
        (ApplicableTo((entry("tea"), entry("cup")), (entry("cup"),)), [0]),
        (including("unknown"), []),
    ],
)
def test_lines_a_single_rule_set_lets_be_discounted(lists, expected):
    assert positions(CART_K, assigned(lists)) == expected


@pytest.mark.spec("rules 6.2 rule sets at both campaign and voucher")
def test_sets_of_campaign_and_voucher_intersect_and_unite_their_exclusions():
    campaign = assigned(
        ApplicableTo((entry("tea", quantity_limit=1), entry("cup")), (entry("honey"),)),
        level="campaign",
    )
    own = assigned(ApplicableTo(included_all=True, excluded=(entry("cup"),)))

    assert selected(CART_K, campaign, own) == [(0, [1, 2])]
    assert selected(CART_K, campaign) == [(0, [1]), (1, [1])]


def test_what_governs_a_line_is_the_same_asked_of_the_line_alone():
    campaign = assigned(
        ApplicableTo((entry("tea"), entry("cup"), entry("honey"))), level="campaign"
    )
    own = assigned(ApplicableTo(included_all=True, excluded=(entry("cup"),)))
    lists = joined_lists((campaign, own), ALL)

    governing = [lists.entry_for(line) for line in CART_K.lines]

    assert governing == [0, None, None, 0]
    assert positions(CART_K, campaign, own) == [0, 3]


def test_the_nearest_entry_governs_a_line_then_the_order_of_the_list():
    cart = order(
        line("tea", 100, 3, product=product("tea", 100, "pc_hot"), sku=sku("big"))
    )
    by_sku = entry("big", "sku", quantity_limit=1)
    by_product = entry("tea", quantity_limit=2)
    by_collection = entry("hot", "products_collection", quantity_limit=3)

    def units(*entries):
        return selected(cart, assigned(ApplicableTo(entries)))[0][1]

    assert units(by_collection, by_product, by_sku) == [1]
    assert units(by_collection, by_product) == [1, 2]
    assert units(by_collection) == [1, 2, 3]
    assert units(by_product, entry("tea")) == [1, 2]


def test_included_all_leaves_other_entries_nearer():
    rules = assigned(ApplicableTo((entry("tea", quantity_limit=1),), included_all=True))

    assert selected(CART_K, rules)[-1] == (0, [1])


@pytest.mark.spec("rules 6.1 id, source_id")
@pytest.mark.parametrize(
    ("item", "kind", "name"),
    [
        (line("tea", 1), "product", "prod_tea"),
        (line("tea", 1), "product", "tea"),
        (line("x", 1, product=None, echo={"product_id": "gone"}), "product", "gone"),
        (line("x", 1, product=None, echo={"source_id": "gone"}), "product", "gone"),
        (
            line(
                "x", 1, product=None, echo={"source_id": "s", "related_object": "sku"}
            ),
            "sku",
            "s",
        ),
        (line("x", 1, sku=sku("big")), "sku", "big"),
        (line("x", 1, sku=sku("big")), "sku", "sku_big"),
        (
            line("x", 1, product=ItemFacts("product", None, "inline")),
            "product",
            "inline",
        ),
        (line("x", 1, sku=sku("big", None, "n")), "products_collection", "n"),
    ],
)
def test_an_entry_names_a_line_by_any_of_its_ids(item, kind, name):
    named = entry("unused", kind)
    by_id = ApplicableTo((type(named)(kind, name, None),))
    by_source_id = ApplicableTo((type(named)(kind, None, name),))

    assert positions(order(item), assigned(by_id)) == [0]
    if kind != "products_collection":
        assert positions(order(item), assigned(by_source_id)) == [0]


def test_a_source_id_of_a_sku_does_not_name_a_product():
    item = line("x", 1, product=None, echo={"source_id": "s", "related_object": "sku"})

    assert positions(order(item), assigned(including("s"))) == []


@pytest.mark.spec("rules 6.1 object")
def test_a_product_entry_matches_all_skus_of_the_product_a_sku_entry_only_itself():
    cart = order(line("shirt", 1, sku=sku("small")), line("shirt", 1, sku=sku("large")))

    assert positions(cart, assigned(including("shirt"))) == [0, 1]
    assert positions(cart, assigned(ApplicableTo((entry("small", "sku"),)))) == [0]


def test_an_entry_without_ids_names_nothing_even_a_line_without_ids():
    bare = type(entry("x"))("product", None, None)
    item = line("x", 1, product=None)

    assert positions(order(item), assigned(ApplicableTo((bare,)))) == []
