from fractions import Fraction

import pytest

from redemptions.engine.order import (
    NOTHING,
    Taken,
    opening_state,
    take_off,
    taken_together,
)
from tests.redemptions.engine.carts import CART_K, line, order


@pytest.mark.parametrize(
    ("facts", "amounts", "total"),
    [
        (order(line("a", None, amount=300), amount=500), [300], 500),
        (
            order(line("a", None, amount=300), line("b", None, amount=40)),
            [300, 40],
            340,
        ),
        (order(line("a", 100, 3)), [300], 300),
        (order(line("a", 100, 3, amount=250)), [250], 250),
        (order(line("a", 100, 3, amount=250), amount=6000), [250], 6000),
        (order(line("a", None, 3), line("b", 10)), [None, 10], 10),
        (order(line("a", None, 3)), [None], None),
        (order(), [], None),
        (order(amount=700), [], 700),
    ],
)
def test_amounts_come_from_the_order_then_the_lines_then_the_prices(
    facts, amounts, total
):
    state = opening_state(facts)

    assert [each.amount for each in state.lines] == amounts
    assert state.amount == total
    assert state.total_amount == total


def test_an_explicit_order_amount_is_never_reconciled_with_the_items():
    state = opening_state(order(line("a", 3300), line("b", 3400), amount=6000))

    assert state.amount == 6000


def test_cart_k_adds_up():
    state = opening_state(CART_K)

    assert [each.amount for each in state.lines] == [2400, 1850, 4999, 2097]
    assert state.amount == state.initial_amount == 11346


def test_discounts_of_earlier_requests_stay_but_are_not_applied_ones():
    facts = order(
        line("a", 1000, discount_amount=200), line("b", 500), discount_amount=100
    )

    state = opening_state(facts)

    assert (state.discount_amount, state.items_discount_amount) == (100, 200)
    assert state.total_discount_amount == 300
    assert state.total_amount == 1200
    assert state.total_applied_discount_amount == 0
    assert state.lines[0].subtotal_amount == 800


def test_the_initial_amount_stored_wins_over_the_amount():
    assert opening_state(order(amount=900, initial_amount=600)).initial_amount == 600


def test_the_total_is_never_negative():
    state = opening_state(order(amount=100, discount_amount=300))

    assert state.total_amount == 0
    assert state.payable_amount == 0


def test_a_line_discounted_beyond_its_amount_has_nothing_left():
    state = opening_state(order(line("a", 100, discount_amount=300)))

    assert state.lines[0].subtotal_amount == -200
    assert state.lines[0].payable_amount == 0


def test_taking_off_moves_cumulative_amounts_and_replaces_the_applied_ones():
    first = take_off(opening_state(CART_K), Taken(100, {0: 40, 3: 7}))
    second = take_off(first, Taken(order_amount=5))

    assert first.discount_amount == first.applied_discount_amount == 100
    assert first.items_discount_amount == first.items_applied_discount_amount == 47
    assert [each.discount_amount for each in first.lines] == [40, 0, 0, 7]
    assert second.discount_amount == 105
    assert second.applied_discount_amount == 5
    assert second.items_discount_amount == 47
    assert second.items_applied_discount_amount == 0
    assert [each.applied_discount_amount for each in second.lines] == [0, 0, 0, 0]
    assert second.total_amount == 11346 - 152


def test_the_request_sums_what_its_redeemables_applied():
    opening = opening_state(CART_K)
    parts = [Taken(100, {0: 40}), Taken(5, {0: 2})]

    whole = take_off(opening, taken_together(parts))

    assert whole.applied_discount_amount == 105
    assert whole.items_applied_discount_amount == 42
    assert whole.total_applied_discount_amount == 147
    assert whole.lines[0].applied_discount_amount == 42


def test_nothing_taken_is_nothing():
    assert NOTHING.amount == 0
    assert Taken(3, {0: 4}).amount == 7


@pytest.mark.parametrize(
    ("each", "price"),
    [
        (line("a", 100, 3), Fraction(100)),
        (line("a", None, 3, amount=100), Fraction(100, 3)),
        (line("a", None, 0, amount=100), None),
        (line("a", None, 3), None),
    ],
)
def test_the_unit_price_is_the_price_named_else_worked_out(each, price):
    assert opening_state(order(each)).lines[0].unit_price == price
