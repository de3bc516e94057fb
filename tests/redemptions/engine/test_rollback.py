from dataclasses import replace

import pytest

from campaigns.engine.discounts import Effect
from redemptions.engine.claims import QuantityClaim, claims_of
from redemptions.engine.decide import decide
from redemptions.engine.order import Taken, opening_state, with_ids
from redemptions.engine.order_rendering import stored_order_as_json
from redemptions.engine.rollback import roll_back_order, taken_by
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

REDEEMED = order(
    line("a", 1000, discount_amount=300),
    line("b", 500, discount_amount=20),
    discount_amount=150,
    status="PAID",
)


def test_with_the_order_it_is_cancelled_and_only_these_discounts_disappear():
    taken = [Taken(100, {0: 200}), Taken(0, {0: 50, 1: 20})]

    after = roll_back_order(REDEEMED, taken, "WITH_ORDER")

    assert after.status == "CANCELED"
    assert after.discount_amount == 50
    assert [each.discount_amount for each in after.lines] == [50, 0]
    assert after.lines[0].price == 1000


def test_without_the_order_nothing_about_it_changes():
    after = roll_back_order(REDEEMED, [Taken(100, {0: 200})], "WITHOUT_ORDER")

    assert after == REDEEMED


def test_a_discount_overwritten_since_never_turns_negative():
    after = roll_back_order(REDEEMED, [Taken(900, {0: 900})], "WITH_ORDER")

    assert after.discount_amount == 0
    assert [each.discount_amount for each in after.lines] == [0, 20]


def test_what_was_taken_is_read_back_from_the_order_kept_with_the_redemption():
    cart = order(line("tea", 1200, id="ordli_1"), line("cup", 1850, id="ordli_2"))
    decision = decide(
        facts(
            limited_to(amount_off(500), "tea", "cup"),
            voucher("B", amount_off(70)),
            order=cart,
        )
    )

    kept = [stored_order_as_json(each.order, None) for each in decision.entries]

    assert [taken_by(each, cart) for each in kept] == [
        Taken(0, {0: 500, 1: 500}),
        Taken(70, {}),
    ]
    assert taken_by(kept[0], order(cart.lines[1])) == Taken(0, {0: 500})
    assert taken_by({}, cart) == Taken()


def test_what_a_rollback_gives_back_is_what_the_redemption_took():
    assert claims_of(voucher("A", quantity=3), {}) == (QuantityClaim("v_A", 3),)


TEA = units_known(product("tea", 1200), product("cup", 500))
NEW, MISSING = Effect.ADD_NEW_ITEMS, Effect.ADD_MISSING_ITEMS


def named(state):
    """A calculated order as it is kept and read back, every line with an id."""
    ids = {
        position: f"ordli_{position}"
        for position, line in enumerate(state.lines)
        if line.line.id is None
    }
    return with_ids(state, ids)


def read_back(state):
    lines = tuple(
        replace(
            each.line,
            quantity=each.quantity,
            amount=each.amount,
            initial_quantity=each.initial_quantity,
            initial_amount=each.initial_amount,
            discount_amount=each.discount_amount,
            discount_quantity=each.discount_quantity,
        )
        for each in named(state).lines
    )
    return replace(
        state.facts,
        lines=lines,
        amount=state.amount,
        initial_amount=state.initial_amount,
        discount_amount=state.discount_amount,
    )


def kept_with(decision):
    """What each redemption keeps of the order, the ids of new lines included."""
    return [stored_order_as_json(named(each.order), None) for each in decision.entries]


@pytest.mark.spec("engine 10 order, `WITH_ORDER`")
def test_added_units_go_with_the_redemption_and_lines_it_created_disappear():
    cart = order(line("tea", 1200, 2, id="ordli_0"))
    gifts = [
        voucher("A", unit_off(3, "prod_tea", MISSING)),
        voucher("B", unit_off(2, "prod_cup", NEW)),
        voucher("C", amount_off(100)),
    ]
    decision = decide(facts(*gifts, order=cart, units=TEA))
    redeemed = read_back(decision.order)
    kept = kept_with(decision)

    first = roll_back_order(redeemed, [taken_by(kept[1], redeemed)], "WITH_ORDER")
    whole = roll_back_order(
        redeemed, [taken_by(each, redeemed) for each in kept], "WITH_ORDER"
    )

    assert [each.id for each in redeemed.lines] == ["ordli_0", "ordli_1"]
    assert [each.quantity for each in first.lines] == [3]
    assert (first.amount, first.initial_amount, first.discount_amount) == (
        3600,
        2400,
        0,
    )
    assert opening_state(whole).amount == 2400
    assert (whole.initial_amount, whole.discount_amount) == (None, 0)
    [tea] = whole.lines
    assert (tea.quantity, tea.amount, tea.discount_amount) == (2, 2400, 0)
    assert (tea.initial_quantity, tea.discount_quantity) == (None, 0)


def test_a_line_that_another_redemption_also_filled_stays_with_its_units():
    cart = order(line("cup", 500, id="ordli_0"))
    gifts = [voucher(name, unit_off(1, "prod_tea", NEW)) for name in "AB"]
    decision = decide(facts(*gifts, order=cart, units=TEA))
    redeemed = read_back(decision.order)
    kept = kept_with(decision)

    after = roll_back_order(redeemed, [taken_by(kept[0], redeemed)], "WITH_ORDER")

    tea = after.lines[1]
    assert (tea.quantity, tea.initial_quantity, tea.discount_quantity) == (1, 0, 1)
    assert (tea.amount, tea.discount_amount) == (1200, 1200)
    assert (after.amount, after.initial_amount) == (1700, 500)
