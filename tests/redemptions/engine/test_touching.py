"""Does a redeemable have to do with the lines of an order at all?"""

from dataclasses import replace

import pytest

from campaigns.engine.bundles import Bundle, BundlePart
from campaigns.engine.discounts import Effect
from campaigns.engine.rule_parsing import parse_rules
from campaigns.engine.rules import Target
from redemptions.engine.touching import discounts_an_item, touches_an_item
from tests.redemptions.engine.carts import (
    amount_off,
    assigned,
    facts,
    including,
    percent_off,
    product,
    unit_off,
    units_known,
    units_off,
    voucher,
)

TEA = {"object": "product", "id": "prod_tea"}
ITEMS = Effect.APPLY_TO_ITEMS


def bundle(name):
    return Bundle((BundlePart(Target("product", f"prod_{name}"), 2),))


def ruled(definition):
    return voucher(rules=(assigned(rules=parse_rules(definition)),))


def any_of(operator, thing, **nested):
    return {"name": "order.items.any", "conditions": {operator: [thing]}, **nested}


@pytest.mark.parametrize(
    ("redeemable", "touches"),
    [
        (voucher(), False),
        (voucher(rules=(assigned(including("tea")),)), True),
        (voucher(rules=(assigned(including("lamp")),)), False),
        (voucher(rules=(assigned(bundle=bundle("tea")),)), True),
        (voucher(rules=(assigned(bundle=bundle("lamp")),)), False),
        (ruled({"1": any_of("$is", TEA), "logic": "1"}), True),
        (ruled({"1": any_of("$is_not", TEA), "logic": "1"}), False),
        (ruled({"1": any_of("$is", {**TEA, "id": "prod_lamp"}), "logic": "1"}), False),
    ],
)
def test_lists_and_product_conditions_touch_the_lines_that_they_name(
    redeemable, touches
):
    assert touches_an_item(redeemable, facts(redeemable)) is touches


def test_a_condition_inside_another_touches_too():
    inner = {"1": any_of("$is", TEA), "logic": "1"}
    outer = any_of("$is", {**TEA, "id": "prod_lamp"}, rules=inner)
    redeemable = ruled({"1": outer, "logic": "1"})

    assert touches_an_item(redeemable, facts(redeemable))


def test_nothing_touches_what_is_no_order():
    redeemable = voucher(rules=(assigned(including("tea")),))

    assert not touches_an_item(redeemable, facts(redeemable, order=None))
    assert not discounts_an_item(redeemable, facts(redeemable, order=None))


@pytest.mark.parametrize(
    ("discount", "names", "gives"),
    [
        (amount_off(100), ["tea"], False),
        (amount_off(100, Effect.APPLY_TO_ORDER), ["tea"], False),
        (percent_off(10, ITEMS), ["tea"], True),
        (percent_off(10, ITEMS), ["lamp"], False),
    ],
)
def test_a_discount_on_items_needs_a_line_that_it_may_be_given_on(
    discount, names, gives
):
    redeemable = voucher(discount=discount, rules=(assigned(including(*names)),))

    assert discounts_an_item(redeemable, facts(redeemable)) is gives


def test_a_redeemable_without_a_discount_gives_none():
    redeemable = replace(voucher(), discount=None)

    assert not discounts_an_item(redeemable, facts(redeemable))


UNITS = units_known(product("tea"), product("lamp"))


@pytest.mark.parametrize(
    ("discount", "gives"),
    [
        (unit_off(1, "prod_tea"), True),
        (unit_off(1, "prod_lamp"), False),
        (unit_off(1, "prod_gone"), False),
        (
            units_off(
                (1, "prod_lamp", Effect.ADD_NEW_ITEMS),
                (1, "prod_tea", Effect.ADD_NEW_ITEMS),
            ),
            True,
        ),
    ],
)
def test_a_unit_discount_is_given_on_a_line_when_its_thing_is_in_the_order(
    discount, gives
):
    redeemable = voucher(discount=discount)

    assert discounts_an_item(redeemable, facts(redeemable, units=UNITS)) is gives
