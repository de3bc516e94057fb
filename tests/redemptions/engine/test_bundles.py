"""Bundles: how many an order holds, and what each of them multiplies."""

from dataclasses import replace

import pytest

from campaigns.engine.applicability import ApplicableTo
from campaigns.engine.bundles import Bundle, BundlePart
from campaigns.engine.discounts import Effect
from campaigns.engine.rules import Target
from redemptions.engine.bundles import count_bundles
from redemptions.engine.decide import decide, qualify
from redemptions.engine.decision import Status
from redemptions.engine.wire import bundle_as_json, entry_as_json
from tests.redemptions.engine.carts import (
    amount_off,
    assigned,
    entry,
    facts,
    fixed,
    gift_card,
    including,
    line,
    order,
    percent_off,
    product,
    sku,
    tier,
    unit_off,
    units_known,
    units_off,
    voucher,
)
from tests.redemptions.engine.rule_cases import rule, rule_set

ORDER, ITEMS = Effect.APPLY_TO_ORDER, Effect.APPLY_TO_ITEMS
BY_QUANTITY = Effect.APPLY_TO_ITEMS_BY_QUANTITY
SPLIT = Effect.APPLY_TO_ITEMS_PROPORTIONALLY
SPLIT_BY_QUANTITY = Effect.APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY
KNOWN = units_known(product("gift", 100), product("large", 1300))
#: Two teas and a cup make a bundle; here are two of them.
TWO_BUNDLES = order(line("tea", 600, 4), line("cup", 925, 2), line("kettle", 4999))


def part(name, quantity, kind="product", message=None):
    prefix = {"product": "prod", "sku": "sku", "products_collection": "pc"}[kind]
    return BundlePart(Target(kind, f"{prefix}_{name}"), quantity, message)


def bundle(*parts, limit=5, multiplies=True):
    return Bundle(parts or (part("tea", 2), part("cup", 1)), limit, multiplies)


def bundled(discount, lists=None, **settings):
    rules = assigned(lists, bundle=bundle(**settings))
    return voucher("SET", discount, rules=(rules,))


def counted(wanted, *lines):
    """How many bundles, the units in them by line, and what is missing."""
    found = count_bundles(wanted, order(*lines).lines, "pc_all")
    return (
        found.quantity,
        {each.index: each.quantity for each in found.identified},
        [(each.part.target.id, each.quantity) for each in found.missing],
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line("tea", 1, 2), line("cup", 1)], (1, {0: 2, 1: 1}, [])),
        ([line("tea", 1, 9), line("cup", 1, 3)], (3, {0: 6, 1: 3}, [])),
        ([line("tea", 1, 99), line("cup", 1, 99)], (5, {0: 10, 1: 5}, [])),
        (
            [line("tea", 1), line("tea", 1, 5), line("cup", 1)],
            (1, {0: 1, 1: 1, 2: 1}, []),
        ),
        ([line("tea", 1), line("cup", 1, 9)], (0, {0: 1, 1: 1}, [("prod_tea", 1)])),
        ([line("lamp", 1)], (0, {}, [("prod_tea", 2), ("prod_cup", 1)])),
    ],
)
def test_a_bundle_counts_as_often_as_the_units_suffice(lines, expected):
    assert counted(bundle(), *lines) == expected


def test_units_are_used_once_for_the_nearest_part_first():
    parts = (
        part("all", 1, "products_collection"),
        part("parent", 1),
        part("large", 1, "sku"),
    )
    small = line("parent", 1, 1, sku=sku("small"))
    large = line("parent", 1, 2, sku=sku("large"))

    assert counted(bundle(*parts), small, large) == (1, {0: 1, 1: 2}, [])
    assert counted(bundle(*parts), large, small) == (1, {0: 2, 1: 1}, [])
    assert counted(bundle(*parts), small) == (
        0,
        {0: 1},
        [("sku_large", 1), ("pc_all", 1)],
    )


def test_two_parts_may_share_what_suffices_for_both():
    parts = (part("tea", 1), part("all", 1, "products_collection"))

    assert counted(bundle(*parts), line("tea", 1, 4)) == (2, {0: 4}, [])


def at(index, name, quantity, kind="product"):
    """What is told of units of a line that are part of a bundle."""
    return {"id": name, "object": kind, "item_index": index, "item_quantity": quantity}


def test_a_bundle_says_what_it_is_made_of():
    lines = order(
        line("tea", 1, 3),
        line("cup", 1, sku=sku("blue")),
        line("x", 1, product=None, echo={"product_id": "prod_cup"}),
    ).lines

    found = bundle_as_json(count_bundles(bundle(), lines, None))

    assert found == {
        "quantity": 1,
        "limit": 5,
        "identified": [
            {
                "id": "prod_tea",
                "object": "product",
                "item_index": 0,
                "item_quantity": 2,
            },
            at(1, "sku_blue", 1, "sku"),
        ],
    }


def test_an_incomplete_bundle_says_what_is_there_and_what_is_missing():
    lines = order(
        line("tea", 1),
        line("x", 1, product=None, echo={"product_id": "prod_cup"}),
    ).lines
    wanted = bundle(
        part("tea", 2), part("cup", 2), part("pc", 1, "products_collection")
    )

    assert bundle_as_json(count_bundles(wanted, lines, None)) == {
        "quantity": 0,
        "limit": 5,
        "identified": [
            {
                "id": "prod_tea",
                "object": "product",
                "item_index": 0,
                "item_quantity": 1,
            },
            {
                "id": "prod_cup",
                "object": "product",
                "item_index": 1,
                "item_quantity": 1,
            },
        ],
        "missing": [
            {"id": "prod_tea", "object": "product", "item_quantity": 1},
            {"id": "prod_cup", "object": "product", "item_quantity": 1},
            {"id": "pc_pc", "object": "products_collection", "item_quantity": 1},
        ],
    }


TEA_AND_CUP = including("tea", "cup")


def taken(discount, lists=None, cart=TWO_BUNDLES, **settings):
    [found] = decide(
        facts(bundled(discount, lists, **settings), order=cart, units=KNOWN)
    ).entries
    return found.taken.order_amount or dict(found.taken.by_line)


@pytest.mark.spec("engine 4 AMOUNT order / items / both proportional splits")
@pytest.mark.parametrize(
    ("discount", "caps", "expected"),
    [
        (amount_off(700, ORDER), {}, 1400),
        (amount_off(700, ORDER, aggregated_amount_limit=600), {}, 1200),
        (amount_off(700, ITEMS), {}, {0: 1400, 1: 1400}),
        (amount_off(700, ITEMS), {"amount_limit": 500}, {0: 1000, 1: 1000}),
        (amount_off(700, ITEMS), {"aggregated_amount_limit": 300}, {0: 600, 1: 600}),
        (amount_off(700, ITEMS, aggregated_amount_limit=900), {}, {0: 1400, 1: 400}),
        (amount_off(700, SPLIT), {}, {0: 791, 1: 609}),
        (amount_off(600, SPLIT_BY_QUANTITY), {}, {0: 800, 1: 400}),
    ],
)
def test_amounts_and_their_caps_are_multiplied(discount, caps, expected):
    assert taken(discount, including("tea", "cup", **caps)) == expected


@pytest.mark.spec("engine 4 PERCENT order / items")
@pytest.mark.parametrize(
    ("discount", "caps", "expected"),
    [
        (percent_off(10, ORDER), {}, 1850),
        (percent_off(60, ORDER), {}, 9249),
        (percent_off(10, ITEMS), {}, {0: 480, 1: 370}),
        (percent_off(10, ITEMS), {"quantity_limit": 1}, {0: 120, 1: 185}),
    ],
)
def test_percentages_are_multiplied_up_to_all_of_it(discount, caps, expected):
    assert taken(discount, including("tea", "cup", **caps)) == expected


@pytest.mark.spec("engine 4 AMOUNT by quantity, FIXED items")
@pytest.mark.parametrize(
    ("discount", "caps", "expected"),
    [
        (amount_off(100, BY_QUANTITY), {"quantity_limit": 1}, {0: 200, 1: 200}),
        (amount_off(100, BY_QUANTITY), {}, {0: 400, 1: 200}),
        (fixed(500, ITEMS), {"aggregated_quantity_limit": 1}, {0: 200, 1: 850}),
        (fixed(500, ITEMS), {}, {0: 400, 1: 850}),
    ],
)
def test_caps_on_units_are_multiplied_where_the_value_is_that_of_a_unit(
    discount, caps, expected
):
    assert taken(discount, including("tea", "cup", **caps)) == expected


@pytest.mark.spec("engine 4 FIXED order")
def test_a_new_price_of_the_order_is_not_multiplied():
    assert taken(fixed(9000, ORDER)) == 249


@pytest.mark.spec("engine 4 UNIT effects")
@pytest.mark.parametrize(
    ("discount", "caps", "quantities"),
    [
        (unit_off(1, "prod_gift"), {}, [4, 2, 1, 2]),
        (units_off((1, "prod_gift", Effect.ADD_NEW_ITEMS)), {}, [4, 2, 1, 2]),
        (
            unit_off(1, "prod_large", Effect.REPLACE_ITEMS),
            {"quantity_limit": 1},
            [2, 0, 1, 4],
        ),
    ],
)
def test_units_are_multiplied(discount, caps, quantities):
    given = bundled(discount, including("tea", "cup", **caps))

    decision = decide(facts(given, order=TWO_BUNDLES, units=KNOWN))

    assert [each.quantity for each in decision.order.lines] == quantities


def test_the_discount_is_told_as_multiplied_beside_the_bundle():
    given = facts(bundled(amount_off(700, SPLIT), TEA_AND_CUP), order=TWO_BUNDLES)
    [found] = decide(given).entries

    result = entry_as_json(found, given.stacking, request_id="v-1")["result"]

    assert result["discount"]["amount_off"] == 1400
    assert result["bundle"]["quantity"] == 2


def test_a_fixed_discount_is_given_once_however_many_bundles():
    given = bundled(amount_off(700, ORDER), multiplies=False)

    [found] = decide(facts(given, order=TWO_BUNDLES)).entries

    assert found.taken.order_amount == 700
    assert found.bundle.quantity == 2


ONE_TEA = order(line("tea", 600), line("cup", 925))
AFTER_CHECKS = {"rules", "bundle", "discount", "rules_on_result", "effect"}


@pytest.mark.parametrize(
    ("messages", "set_message", "expected"),
    [
        ((None, None), None, None),
        ((None, None), "Buy the set", "Buy the set"),
        (("Two teas, please", None), "Buy the set", "Two teas, please"),
    ],
)
def test_an_incomplete_bundle_is_refused_with_what_is_missing(
    messages, set_message, expected
):
    tea, cup = (
        replace(each, error_message=text)
        for each, text in zip(bundle().parts, messages, strict=True)
    )
    rules = assigned(bundle=bundle(tea, cup), error_message=set_message)

    [found] = decide(facts(voucher(rules=(rules,)), order=ONE_TEA)).entries

    assert found.status is Status.INAPPLICABLE
    assert (found.refusal.key, found.refusal.message) == (
        "order_rules_violated",
        "order does not match validation rules",
    )
    assert found.refusal.details == (
        "Discount Coupon cannot be redeemed because of violated validation rules: val_1"
    )
    assert found.refusal.error_message == expected
    assert (found.bundle.quantity, found.bundle.missing[0].quantity) == (0, 1)
    shown = entry_as_json(found, facts().stacking, request_id="v-1")["result"]
    assert shown["error"]["key"] == "order_rules_violated"
    assert shown["bundle"]["missing"] == [
        {"id": "prod_tea", "object": "product", "item_quantity": 1}
    ]


@pytest.mark.spec("engine 13 10 | bundle")
@pytest.mark.parametrize(
    ("single", "key", "checks"),
    [
        (
            rule("redemption.metadata", "$is", "till", property="where"),
            "redemption_rules_violated",
            {"rules": False},
        ),
        (
            rule("campaign.orders.amount_discounted", "$less_than", 1),
            "order_rules_violated",
            {"rules": True, "bundle": False},
        ),
    ],
)
def test_a_bundle_is_counted_after_the_rules_and_before_those_on_the_result(
    single, key, checks
):
    rules = rule_set({"1": single}, bundle=bundle())
    given = facts(voucher(discount=amount_off(5), rules=(rules,)), order=ONE_TEA)

    [found] = decide(given).entries

    assert found.refusal.key == key
    judged = {step.check: step.passed for step in found.steps}
    assert {name: judged[name] for name in judged if name in AFTER_CHECKS} == checks


@pytest.mark.spec("engine 13 10 | bundle")
@pytest.mark.parametrize(
    ("cart", "key"),
    [(ONE_TEA, "order_rules_violated"), (TWO_BUNDLES, "missing_order_items_amount")],
)
def test_a_bundle_is_counted_before_the_effect(cart, key):
    rules = assigned(including("lamp"), bundle=bundle())
    card = gift_card(effect=ITEMS, rules=(rules,))

    [found] = decide(facts(card, order=cart)).entries

    assert found.refusal.key == key


@pytest.mark.parametrize(
    ("cart", "key"), [(None, "missing_order"), (order(), "missing_order_items")]
)
def test_a_bundle_needs_an_order_with_items(cart, key):
    [found] = decide(facts(bundled(amount_off(1)), order=cart)).entries

    assert found.refusal.key == key
    assert found.bundle.quantity == 0


def test_every_bundle_must_be_complete_and_the_own_one_multiplies():
    of_campaign = assigned(bundle=bundle(part("tea", 1)), level="campaign")
    own = assigned(bundle=bundle(), rule_id="val_2")
    neither = assigned(rule_id="val_3")
    given = tier(discount=amount_off(100, ORDER), rules=(of_campaign, own, neither))

    complete = decide(facts(given, order=TWO_BUNDLES)).entries[0]
    half = decide(facts(given, order=ONE_TEA)).entries[0]

    assert complete.taken.order_amount == 200
    assert half.refusal.details.endswith("val_2")


def test_units_added_by_earlier_discounts_make_no_bundle():
    gift = voucher("GIFT", unit_off(1, "prod_tea", Effect.ADD_NEW_ITEMS))
    cart = order(
        line("tea", 600, 4, initial_quantity=1, initial_amount=600), line("cup", 925)
    )

    decision = decide(
        facts(
            gift,
            bundled(amount_off(1, ORDER)),
            order=cart,
            units=units_known(product("tea", 600)),
        )
    )

    assert decision.entries[1].bundle.quantity == 0


@pytest.mark.parametrize(
    ("omitted", "status"),
    [(("order.*",), Status.APPLICABLE), (("customer.*",), Status.INAPPLICABLE)],
)
def test_a_qualification_without_order_rules_shows_the_incomplete_bundle(
    omitted, status
):
    given = bundled(amount_off(700, ITEMS), ApplicableTo(included=(entry("tea"),)))

    [found] = qualify(facts(given, order=ONE_TEA), omitted)

    assert found.status is status
    assert found.bundle.quantity == 0
    assert found.taken.amount == (600 if status is Status.APPLICABLE else 0)
