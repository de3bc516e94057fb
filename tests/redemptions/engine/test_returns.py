"""What units are paid back with, and what redemptions get back of it."""

import pytest

from campaigns.engine.discounts import Effect
from redemptions.engine.decide import decide
from redemptions.engine.order import Taken, UnitChange
from redemptions.engine.returns import (
    OTHER,
    Back,
    Given,
    Redeemed,
    Share,
    SoldLine,
    returned,
    sold_lines,
)
from tests.redemptions.engine.carts import (
    amount_off,
    facts,
    limited_to,
    line,
    order,
    product,
    unit_off,
    units_known,
    voucher,
)
from tests.redemptions.engine.test_properties import stored


def laid(cart, *given):
    return [
        (each.quantity, each.amount, dict(each.discounts))
        for each in sold_lines(cart, given)
    ]


def one_by_one(sold):
    """The returns of a line's units, one after the other."""
    return [
        returned([sold], [units], [units + 1], []).lines[0]
        for units in range(sold.quantity)
    ]


def test_a_discount_on_the_order_is_spread_over_the_lines_by_amount():
    cart = order(line("a", 3300), line("b", 1700, 2), discount_amount=300)

    assert laid(cart, Given("r1", Taken(300))) == [
        (1, 3300, {"r1": 148}),
        (2, 3400, {"r1": 152}),
    ]


def test_a_discount_on_items_stays_there_and_the_orders_goes_by_what_is_left():
    cart = order(
        line("a", 1000, discount_amount=1000),
        line("b", 3000, discount_amount=1000),
        discount_amount=100,
    )

    assert laid(
        cart, Given("r1", Taken(100)), Given("r2", Taken(0, {0: 1000, 1: 1000}))
    ) == [(1, 1000, {"r2": 1000}), (1, 3000, {"r2": 1000, "r1": 100})]


def test_what_no_redemption_took_off_is_laid_on_the_lines_too():
    cart = order(line("a", 1000, discount_amount=300), discount_amount=200)

    assert laid(cart, Given("r1", Taken(50, {0: 100}))) == [
        (1, 1000, {"r1": 150, OTHER: 350})
    ]


def test_what_the_shop_has_overwritten_since_is_not_laid_on_the_lines():
    cart = order(line("a", 1000, discount_amount=70), discount_amount=20)

    assert laid(cart, Given("r1", Taken(900, {0: 100}))) == [(1, 1000, {"r1": 90})]


@pytest.mark.parametrize(
    ("amount", "values"), [(6000, [2955, 3045]), (6700, [3300, 3400]), (None, [0, 0])]
)
def test_the_lines_share_what_the_order_costs(amount, values):
    price = None if amount is None else 1
    cart = order(
        line("a", price, amount=price and 3300),
        line("b", price, amount=price and 3400),
        amount=amount,
    )

    assert [each.amount for each in sold_lines(cart, ())] == values


def test_units_share_what_the_order_costs_where_no_line_has_a_value():
    cart = order(line("a", None, 1), line("b", None, 3), amount=1000)

    assert [each.amount for each in sold_lines(cart, ())] == [250, 750]


def test_a_discount_that_its_line_cannot_hold_moves_to_the_others():
    cart = order(line("a", 1000, discount_amount=900), line("b", 1000), amount=1000)

    assert laid(cart, Given("r1", Taken(0, {0: 900}))) == [
        (1, 500, {"r1": 500}),
        (1, 500, {"r1": 400}),
    ]


def test_units_get_their_step_of_the_running_sum():
    sold = SoldLine(3, 3000, {"r1": 100})

    assert one_by_one(sold) == [
        Back(1000, {"r1": 33}),
        Back(1000, {"r1": 34}),
        Back(1000, {"r1": 33}),
    ]
    assert [each.refund_amount for each in one_by_one(sold)] == [967, 966, 967]


def test_no_unit_gives_back_less_than_nothing_whatever_lies_on_it():
    sold = SoldLine(5, 4, {"r1": 2, "r2": 1, OTHER: 1})

    units = one_by_one(sold)

    assert all(min(each.discounts.values()) >= 0 for each in units)
    assert [each.refund_amount for each in units] == [0] * 5
    assert sum(each.amount for each in units) == 4
    assert [sum(each.discounts[key] for each in units) for key in ("r1", "r2")] == [
        2,
        1,
    ]


def test_a_free_unit_on_a_line_of_its_own_is_paid_back_with_nothing():
    gift = unit_off(1, "prod_cup", Effect.ADD_NEW_ITEMS)
    cart = order(line("tea", 1200, 2))
    decision = decide(
        facts(
            voucher(discount=gift), order=cart, units=units_known(product("cup", 500))
        )
    )

    tea, cup = sold_lines(
        stored(cart, decision), [Given("r1", decision.entries[0].taken)]
    )

    assert tea == SoldLine(2, 2400, {})
    assert cup == SoldLine(1, 500, {"r1": 500})


def test_what_a_free_unit_saved_is_shared_by_all_units_of_its_line():
    gift = unit_off(1, "prod_tea", Effect.ADD_NEW_ITEMS)
    cart = order(line("tea", 1200, 2))
    known = units_known(product("tea", 1200))
    decision = decide(facts(voucher(discount=gift), order=cart, units=known))

    [tea] = sold_lines(stored(cart, decision), [Given("r1", decision.entries[0].taken)])

    assert [each.refund_amount for each in one_by_one(tea)] == [800, 800, 800]


LINES = [SoldLine(2, 2000, {"r1": 200, "r2": 100}), SoldLine(1, 500, {"r2": 25})]
COUPON = Redeemed("r1", "r1", 200)
CARD = Redeemed("r2", "r2", 125, 250)


def test_credits_and_points_come_back_in_the_measure_of_the_discount():
    found = returned(LINES, [0, 0], [1, 0], [COUPON, CARD])

    assert found.lines == {0: Back(1000, {"r1": 100, "r2": 50})}
    assert found.shares == {
        "r1": Share(100, 0, is_last=False),
        "r2": Share(50, 100, is_last=False),
    }
    assert (found.amount, found.discount_amount, found.refund_amount) == (
        1000,
        150,
        850,
    )
    assert not found.is_whole


def test_a_redemption_is_over_with_the_last_unit_that_it_gave_something_for():
    found = returned(LINES, [1, 0], [2, 0], [COUPON, CARD])

    assert found.shares["r1"] == Share(100, 0, is_last=True)
    assert found.shares["r2"] == Share(50, 100, is_last=False)


def test_what_was_redeemed_together_is_over_together():
    coupon = Redeemed("r1", "parent", 200)
    card = Redeemed("r2", "parent", 125, 250)

    early = returned(LINES, [1, 0], [2, 0], [coupon, card])
    late = returned(LINES, [2, 0], [2, 1], [coupon, card])

    assert not any(each.is_last for each in early.shares.values())
    assert late.shares == {
        "r1": Share(0, 0, is_last=True),
        "r2": Share(25, 50, is_last=True),
    }
    assert late.is_whole


def test_a_redemption_without_a_discount_is_over_with_the_last_unit_of_the_order():
    bought = Redeemed("r3", "r3", 0, 300)

    early = returned(LINES, [0, 0], [2, 0], [bought])
    late = returned(LINES, [2, 0], [2, 1], [bought])

    assert early.shares == {"r3": Share(0, 0, is_last=False)}
    assert late.shares == {"r3": Share(0, 0, is_last=True)}


def test_a_free_unit_without_a_price_keeps_its_redemption_until_it_is_back():
    cart = order(line("tea", 1200), line("gift", None))
    given = Given("r1", Taken(units={1: UnitChange(1, 0, freed=1), 0: UnitChange(-1)}))

    lines = sold_lines(cart, [given])

    assert [dict(each.discounts) for each in lines] == [{}, {"r1": 0}]
    redeemed = [Redeemed("r1", "r1", 0)]
    assert not returned(lines, [0, 0], [1, 0], redeemed).shares["r1"].is_last
    assert returned(lines, [0, 0], [0, 1], redeemed).shares["r1"].is_last


def test_lines_of_an_item_discount_keep_its_parts():
    cart = order(line("tea", 1200), line("cup", 1850))
    decision = decide(facts(limited_to(amount_off(500), "tea"), order=cart))

    lines = sold_lines(stored(cart, decision), [Given("r1", decision.entries[0].taken)])

    assert [dict(each.discounts) for each in lines] == [{"r1": 500}, {}]
