from decimal import Decimal

import pytest

from campaigns.engine.applicability import ApplicableTo
from campaigns.engine.discounts import Effect
from redemptions.engine.decide import decide
from redemptions.engine.effects import split_within
from redemptions.engine.facts import StackingRules
from tests.redemptions.engine.carts import (
    amount_off,
    assigned,
    entry,
    facts,
    fixed,
    limited_to,
    line,
    order,
    percent_off,
    voucher,
)

ORDER = Effect.APPLY_TO_ORDER
ITEMS = Effect.APPLY_TO_ITEMS
BY_QUANTITY = Effect.APPLY_TO_ITEMS_BY_QUANTITY
SPLIT = Effect.APPLY_TO_ITEMS_PROPORTIONALLY
SPLIT_BY_QUANTITY = Effect.APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY
SET_E = ("tea", "cup", "honey")
INITIAL = StackingRules(discount_calculation_mode="INITIAL_AMOUNT")


def taken(*redeemables, **rest):
    """What the last redeemable took off: order part and line parts of E."""
    last = decide(facts(*redeemables, **rest)).entries[-1].taken
    return last.order_amount, dict(last.by_line)


@pytest.mark.spec("engine 2.1 AMOUNT")
@pytest.mark.spec("engine 2.1 PERCENT")
@pytest.mark.spec("engine 2.1 FIXED")
@pytest.mark.spec("engine 2.3 AMOUNT 1500")
@pytest.mark.spec("engine 2.3 PERCENT 12.5")
@pytest.mark.spec("engine 2.3 FIXED 9900")
@pytest.mark.spec("engine 2.3 FIXED 12000")
@pytest.mark.spec("rules 5.3 maximum percent discount")
@pytest.mark.parametrize(
    ("discount", "expected"),
    [
        (amount_off(1500, ORDER), 1500),
        (amount_off(1500, ORDER, aggregated_amount_limit=700), 700),
        (amount_off(99999, ORDER), 11346),
        (amount_off(-5, ORDER), 0),
        (amount_off(None, ORDER), 0),
        (percent_off("12.5", ORDER), 1418),
        (percent_off("12.5", ORDER, amount_limit=1000), 1000),
        (percent_off("12.5", ORDER, amount_limit=1000, aggregated_amount_limit=9), 9),
        (percent_off(10, ORDER), 1135),
        (percent_off(150, ORDER), 11346),
        (percent_off(-1, ORDER), 0),
        (fixed(9900, ORDER), 1446),
        (fixed(12000, ORDER), 0),
        (fixed(0, ORDER), 11346),
        (fixed(None, ORDER), 0),
    ],
)
def test_order_level_discounts_on_cart_k(discount, expected):
    assert taken(voucher(discount=discount)) == (expected, {})


def test_ten_percent_of_11499_is_1150():
    discounted = voucher(discount=percent_off(10))

    assert taken(discounted, order=order(amount=11499)) == (1150, {})


@pytest.mark.spec("engine 2.4 AMOUNT APPLY_TO_ITEMS 500")
@pytest.mark.spec("engine 2.4 AMOUNT APPLY_TO_ITEMS_BY_QUANTITY 300")
@pytest.mark.spec("engine 2.4 PERCENT APPLY_TO_ITEMS 15")
@pytest.mark.spec("engine 2.4 AMOUNT …_PROPORTIONALLY 1000")
@pytest.mark.spec("engine 2.4 AMOUNT …_PROPORTIONALLY_BY_QUANTITY 1000")
@pytest.mark.spec("engine 3.2 quantity_limit")
@pytest.mark.spec("engine 3.2 amount_limit")
@pytest.mark.parametrize(
    ("discount", "caps", "tea", "cup", "honey"),
    [
        (amount_off(500, ITEMS), {}, 500, 500, 500),
        (amount_off(500, ITEMS, aggregated_amount_limit=1200), {}, 500, 500, 200),
        (amount_off(300, BY_QUANTITY), {}, 600, 300, 900),
        (amount_off(300, BY_QUANTITY), {"quantity_limit": 2}, 600, 300, 600),
        (percent_off(15, ITEMS), {}, 360, 278, 315),
        (percent_off(15, ITEMS, amount_limit=300), {}, 300, 278, 300),
        (percent_off(15, ITEMS, aggregated_amount_limit=800), {}, 360, 278, 162),
        (percent_off(15, ITEMS), {"quantity_limit": 1}, 180, 278, 105),
        (percent_off(15, ITEMS), {"amount_limit": 100}, 100, 100, 100),
        (amount_off(1000, SPLIT), {}, 378, 292, 330),
        (amount_off(1000, SPLIT_BY_QUANTITY), {}, 333, 167, 500),
        (fixed(1000, ITEMS), {}, 400, 850, 0),
        (fixed(None, ITEMS), {"price": 1000}, 400, 850, 0),
        (fixed(1, ITEMS), {"price": 1000}, 400, 850, 0),
        (fixed(None, ITEMS), {}, 0, 0, 0),
    ],
)
def test_item_level_discounts_on_set_e_of_cart_k(discount, caps, tea, cup, honey):
    order_amount, by_line = taken(limited_to(discount, *SET_E, **caps))

    assert order_amount == 0
    assert [by_line.get(index, 0) for index in range(4)] == [tea, cup, 0, honey]


def of_everything(discount, **caps):
    collection = entry("all", "products_collection", **caps)
    rules = assigned(ApplicableTo(included=(collection,)))
    return voucher(discount=discount, rules=(rules,))


@pytest.mark.spec("engine 2.4 AMOUNT APPLY_TO_ITEMS_BY_QUANTITY 300")
@pytest.mark.spec("engine 3.2 aggregated_quantity_limit")
@pytest.mark.spec("engine 3.2 aggregated_amount_limit")
@pytest.mark.parametrize(
    ("discount", "caps", "parts"),
    [
        (
            amount_off(300, BY_QUANTITY),
            {"aggregated_quantity_limit": 4},
            [600, 300, 300],
        ),
        (percent_off(15, ITEMS), {"aggregated_amount_limit": 700}, [360, 278, 62]),
    ],
)
def test_caps_of_an_entry_hold_over_all_its_lines(discount, caps, parts):
    cart = order(line("tea", 1200, 2), line("cup", 1850), line("honey", 699, 3))

    _, by_line = taken(
        of_everything(discount, **caps), order=cart, all_products_id="pc_all"
    )

    assert list(by_line.values()) == parts


def test_300_over_3300_and_3400_is_148_and_152():
    cart = order(line("a", 3300), line("b", 3400))

    assert taken(voucher(discount=amount_off(300, SPLIT)), order=cart) == (
        0,
        {0: 148, 1: 152},
    )


def test_a_cheap_line_gives_no_more_than_it_is_worth():
    cart = order(line("a", 700))

    assert taken(voucher(discount=amount_off(1000, ITEMS)), order=cart) == (0, {0: 700})


def test_one_product_on_two_lines_gets_a_discount_per_line():
    cart = order(line("a", 700), line("a", 700))

    assert taken(voucher(discount=amount_off(100, ITEMS)), order=cart) == (
        0,
        {0: 100, 1: 100},
    )


def test_lines_without_money_contribute_nothing():
    cart = order(line("a", None, 2), line("b", 900))

    assert taken(voucher(discount=percent_off(50, ITEMS)), order=cart) == (0, {1: 450})


def test_an_item_discount_stops_when_nothing_is_left_to_pay():
    cart = order(line("a", 600), line("b", 600), amount=1000)

    assert taken(voucher(discount=amount_off(600, ITEMS)), order=cart) == (
        0,
        {0: 600, 1: 400},
    )


def test_without_any_amount_nothing_is_taken_off():
    cart = order(line("a", None))

    assert taken(voucher(discount=amount_off(600, ORDER)), order=cart) == (0, {})
    assert taken(
        voucher(discount=percent_off(10, ORDER)), order=cart, stacking=INITIAL
    ) == (0, {})


def test_a_part_of_a_unit_split_exceeding_its_line_is_split_over_the_others():
    cart = order(line("a", 10, 9), line("b", 1000), line("c", 1000))

    _, by_line = taken(
        voucher(discount=amount_off(1000, SPLIT_BY_QUANTITY)), order=cart
    )

    assert by_line == {0: 90, 1: 455, 2: 455}
    assert sum(by_line.values()) == 1000


def test_a_split_takes_no_more_than_its_lines_hold():
    cart = order(line("a", 100), line("b", 200))

    assert taken(voucher(discount=amount_off(9000, SPLIT)), order=cart) == (
        0,
        {0: 100, 1: 200},
    )


@pytest.mark.parametrize(
    ("total", "weights", "ceilings", "parts"),
    [
        (100, [1, 1], [10, 500], [10, 90]),
        (100, [1, 1], [10, 20], [10, 20]),
        (0, [1, 1], [10, 20], [0, 0]),
        (100, [0, 1], [50, 20], [0, 20]),
        (5, [], [], []),
    ],
)
def test_splitting_within_ceilings(total, weights, ceilings, parts):
    assert split_within(total, weights, ceilings) == parts


@pytest.mark.parametrize(
    ("stacking", "parts"),
    [(StackingRules(), [1135, 2042]), (INITIAL, [1135, 2269])],
)
def test_a_second_percentage_is_reckoned_on_what_the_mode_says(stacking, parts):
    ten, twenty = (voucher(str(value), percent_off(value, ORDER)) for value in (10, 20))

    decision = decide(facts(ten, twenty, stacking=stacking))

    assert [each.taken.order_amount for each in decision.entries] == parts


@pytest.mark.parametrize(
    ("discount", "stacking", "expected"),
    [
        (percent_off(50, ITEMS), StackingRules(), {0: 200, 1: 500}),
        (percent_off(50, ITEMS), INITIAL, {0: 400, 1: 500}),
        (percent_off(90, ITEMS), INITIAL, {0: 400, 1: 900}),
        (amount_off(900, SPLIT), StackingRules(), {0: 257, 1: 643}),
        (amount_off(900, SPLIT), INITIAL, {0: 400, 1: 500}),
        (amount_off(300, SPLIT), INITIAL, {0: 133, 1: 167}),
        (fixed(200, ITEMS), INITIAL, {0: 200, 1: 800}),
    ],
)
def test_line_bases_and_weights_follow_the_mode(discount, stacking, expected):
    cart = order(line("a", 800, discount_amount=400), line("b", 1000))

    _, by_line = taken(voucher(discount=discount), order=cart, stacking=stacking)

    assert by_line == expected


def test_the_initial_base_leaves_out_added_units():
    cart = order(line("a", 500, 2, initial_amount=500), initial_amount=500)
    half_of_items = voucher(discount=percent_off(50, ITEMS))
    half_of_order = voucher(discount=percent_off(50, ORDER))

    assert taken(half_of_items, order=cart, stacking=INITIAL) == (0, {0: 250})
    assert taken(half_of_order, order=cart, stacking=INITIAL) == (250, {})


def test_item_discount_then_order_discount_and_the_other_way_round():
    items = limited_to(percent_off(15, ITEMS), *SET_E)
    whole = voucher("TEN", percent_off(10, ORDER))

    forth = decide(facts(items, whole)).order
    back = decide(facts(whole, items)).order

    assert forth is not None
    assert back is not None
    assert (forth.items_discount_amount, forth.discount_amount) == (953, 1039)
    assert (forth.total_discount_amount, forth.total_amount) == (1992, 9354)
    assert (back.items_discount_amount, back.discount_amount) == (953, 1135)
    assert back.total_amount == 9258


def test_the_default_effect_depends_on_whether_the_rule_names_items():
    on_items = limited_to(percent_off(10), "tea")
    excluding = voucher(
        rules=(assigned(ApplicableTo(excluded=(entry("kettle"),))),),
        discount=percent_off(Decimal(10)),
    )

    assert taken(on_items) == (0, {0: 240})
    assert taken(excluding) == (0, {0: 240, 1: 185, 3: 210})
    assert taken(voucher(discount=percent_off(10))) == (1135, {})


def test_an_item_discount_on_an_order_without_items_takes_nothing():
    decision = decide(
        facts(limited_to(percent_off(10), "tea"), order=order(amount=900))
    )

    assert decision.valid
    assert decision.entries[0].taken.amount == 0
