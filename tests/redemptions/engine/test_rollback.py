from redemptions.engine.claims import QuantityClaim, claims_of
from redemptions.engine.decide import decide
from redemptions.engine.order import Taken
from redemptions.engine.order_rendering import stored_order_as_json
from redemptions.engine.rollback import roll_back_order, taken_by
from tests.redemptions.engine.carts import (
    amount_off,
    facts,
    limited_to,
    line,
    order,
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
    decision = decide(
        facts(limited_to(amount_off(500), "tea", "cup"), voucher("B", amount_off(70)))
    )

    kept = [stored_order_as_json(each.order, None) for each in decision.entries]

    assert [taken_by(each) for each in kept] == [
        Taken(0, {0: 500, 1: 500}),
        Taken(70, {}),
    ]
    assert taken_by({}) == Taken()


def test_what_a_rollback_gives_back_is_what_the_redemption_took():
    assert claims_of(voucher("A", quantity=3), by_customer=False) == (
        QuantityClaim("v_A", 3),
    )
