"""REPLACE_ITEMS: units that give way to others, at the old price at most."""

import pytest

from campaigns.engine.applicability import ApplicableTo
from campaigns.engine.discounts import Effect
from redemptions.engine.decide import decide
from redemptions.engine.explanation import sentences_of
from redemptions.engine.facts import StackingRules
from redemptions.engine.order_rendering import order_as_json, stored_order_as_json
from redemptions.engine.rollback import roll_back_order, taken_by
from tests.redemptions.engine.carts import (
    amount_off,
    assigned,
    entry,
    facts,
    including,
    line,
    order,
    percent_off,
    product,
    unit_off,
    units_known,
    voucher,
)

REPLACE, ITEMS = Effect.REPLACE_ITEMS, Effect.APPLY_TO_ITEMS
KNOWN = units_known(
    product("large", 550), product("basic", 500), product("free"), product("dear", 2000)
)
REGULAR = order(line("regular", 400, 3))
DELUXE = order(line("deluxe", 900, 2))


def upgrade(count, name, *sources, **caps):
    """A voucher that gives so many units for each unit of the sources."""
    lists = including(*sources, **caps) if sources else None
    return voucher(
        "UP", unit_off(count, f"prod_{name}", REPLACE), rules=(assigned(lists),)
    )


def state_after(*redeemables, **rest):
    decision = decide(facts(*redeemables, units=KNOWN, **rest))
    assert decision.valid
    return decision.order


@pytest.mark.parametrize(
    ("cart", "source", "count", "name", "after"),
    [
        pytest.param(
            REGULAR,
            "regular",
            1,
            "large",
            ([800, 550], 1350, 150, 1200),
            marks=pytest.mark.spec("engine 2.7 regular 400x3 (1200)"),
        ),
        pytest.param(
            DELUXE,
            "deluxe",
            1,
            "basic",
            ([900, 500], 1400, 0, 1400),
            marks=pytest.mark.spec(
                "engine 2.7 deluxe 900x2 (1800) one deluxe → one basic at 500"
            ),
        ),
        pytest.param(
            DELUXE,
            "deluxe",
            2,
            "basic",
            ([900, 1000], 1900, 100, 1800),
            marks=pytest.mark.spec(
                "engine 2.7 deluxe 900x2 (1800) one deluxe → two basic"
            ),
        ),
    ],
)
def test_one_unit_gives_way(cart, source, count, name, after):
    state = state_after(upgrade(count, name, source, quantity_limit=1), order=cart)

    amounts = [each.amount for each in state.lines]
    found = (amounts, state.amount, state.items_discount_amount, state.total_amount)
    assert found == after


def test_the_lines_say_what_gave_way_to_what():
    cart = order(line("kettle", 100), line("regular", 400, 3))

    shown = order_as_json(
        state_after(upgrade(1, "large", "regular", quantity_limit=2), order=cart)
    )

    details = [
        {
            "source_index": 1,
            "source_applied_quantity": -2,
            "source_applied_quantity_amount": -800,
            "target_index": 2,
            "target_applied_quantity": 2,
            "target_applied_quantity_amount": 1100,
            "target_applied_discount_amount": 300,
        }
    ]
    kettle, regular, large = shown["items"]
    assert "application_details" not in kettle
    assert regular == {
        "object": "order_item",
        "product_id": "prod_regular",
        "quantity": 1,
        "discount_quantity": 0,
        "initial_quantity": 3,
        "applied_quantity": -2,
        "applied_quantity_amount": -800,
        "application_details": details,
        "amount": 400,
        "initial_amount": 1200,
        "price": 400,
        "subtotal_amount": 400,
        "product": {
            "id": "prod_regular",
            "source_id": "regular",
            "name": "Regular",
            "price": 400,
        },
    }
    assert large["application_details"] == details
    assert (large["quantity"], large["initial_quantity"]) == (2, 0)
    assert (large["amount"], large["discount_amount"]) == (1100, 300)
    assert shown["initial_amount"] == shown["total_amount"] == 1300


def test_a_line_of_which_all_units_gave_way_stays_empty():
    state = state_after(upgrade(1, "large", "regular"), order=REGULAR)

    regular, large = state.lines
    assert (regular.quantity, regular.amount) == (0, 0)
    assert (large.quantity, large.amount, large.subtotal_amount) == (3, 1650, 1200)


def test_the_whole_of_a_line_is_worth_what_the_line_says():
    cart = order(line("regular", 400, 2, amount=700))

    state = state_after(upgrade(1, "large", "regular"), order=cart)

    assert [each.amount for each in state.lines] == [0, 1100]
    assert (state.amount, state.total_amount) == (1100, 700)


def test_without_lists_everything_gives_way_but_the_thing_itself():
    cart = order(line("large", 550), line("regular", 400), line("deluxe", 900))

    state = state_after(upgrade(1, "large"), order=cart)

    assert [each.quantity for each in state.lines] == [3, 0, 0]
    assert [each.amount for each in state.lines] == [1650, 0, 0]
    assert (state.items_discount_amount, state.total_amount) == (150, 1500)


def test_excluded_lines_stay_and_the_aggregated_limit_holds_over_all():
    lists = ApplicableTo(
        included=(entry("all", "products_collection", aggregated_quantity_limit=2),),
        excluded=(entry("kettle"),),
    )
    redeemable = voucher(
        discount=unit_off(1, "prod_large", REPLACE), rules=(assigned(lists),)
    )
    cart = order(line("kettle", 100), line("regular", 400), line("small", 300, 4))

    state = state_after(redeemable, order=cart, all_products_id="pc_all")

    assert [each.quantity for each in state.lines] == [1, 0, 3, 2]


@pytest.mark.parametrize(
    ("count", "name", "amounts", "total"),
    [
        (0, "large", [1200], 1200),
        (1, "free", [0, None], 0),
    ],
)
def test_nothing_in_return_and_something_without_a_price(count, name, amounts, total):
    state = state_after(upgrade(count, name, "regular"), order=REGULAR)

    assert [each.amount for each in state.lines] == amounts
    assert state.total_amount == total


def test_an_unpriced_unit_gives_way_at_no_cost():
    cart = order(line("sample", None, 2), line("kettle", 100))

    state = state_after(upgrade(1, "large", "sample"), order=cart)

    assert [each.quantity for each in state.lines] == [0, 1, 2]
    assert (state.amount, state.total_amount) == (1200, 100)


def test_what_earlier_item_discounts_have_paid_for_stays():
    halved = percent_off(50, ITEMS)

    state = state_after(
        voucher("HALF", halved), upgrade(1, "large", "regular"), order=REGULAR
    )

    regular, large = state.lines
    assert (regular.quantity, regular.amount, regular.subtotal_amount) == (2, 800, 200)
    assert (large.quantity, state.total_amount) == (1, 600)


@pytest.mark.parametrize(("off", "replaced"), [(1800, 0), (1000, 2), (1200, 1)])
def test_a_downgrade_takes_no_more_than_is_left_to_pay(off, replaced):
    state = state_after(
        voucher("OFF", amount_off(off, Effect.APPLY_TO_ORDER)),
        upgrade(1, "basic", "deluxe"),
        order=DELUXE,
    )

    assert state.lines[0].quantity == 2 - replaced
    assert state.total_amount == 1800 - off - 400 * replaced


def test_applied_once_a_discounted_line_gives_no_unit_away():
    once = StackingRules(redeemables_products_application_mode="ONCE")
    cheaper = voucher("ONE", amount_off(1, ITEMS))
    limited = upgrade(1, "large", "regular", quantity_limit=1)

    state = state_after(cheaper, limited, order=REGULAR, stacking=once)

    assert [each.quantity for each in state.lines] == [3]


def test_without_an_order_nothing_gives_way():
    assert state_after(upgrade(1, "large", "regular"), order=None) is None


def test_a_rollback_puts_the_units_back():
    cart = order(line("regular", 400, 3, id="ordli_0"), line("large", 550, id="l"))
    decision = decide(facts(upgrade(1, "large", "regular"), order=cart, units=KNOWN))
    kept = stored_order_as_json(decision.order, None)
    redeemed = order(
        line("regular", 400, 0, amount=0, id="ordli_0", initial_quantity=3),
        line(
            "large",
            550,
            4,
            amount=2200,
            id="l",
            initial_quantity=1,
            initial_amount=550,
            discount_amount=450,
        ),
        amount=2200,
        initial_amount=1750,
    )

    after = roll_back_order(redeemed, [taken_by(kept, redeemed)], "WITH_ORDER")

    assert [each.quantity for each in after.lines] == [3, 1]
    assert [each.amount for each in after.lines] == [1200, 550]
    assert [each.discount_amount for each in after.lines] == [0, 0]
    assert (after.amount, after.initial_amount) == (1750, None)


def test_a_replacement_is_told_in_words():
    decision = decide(facts(upgrade(1, "large", "regular"), order=REGULAR, units=KNOWN))

    [sentence] = sentences_of(decision)
    assert sentence == (
        "UP applies: 1 of Large in place of each matching unit takes off 4.50 and "
        "leaves 12.00 to pay."
    )


def test_units_that_are_free_already_stay():
    gift = voucher("GIFT", unit_off(1, "prod_free", Effect.ADD_NEW_ITEMS))
    cart = order(line("free", None, 2))

    state = state_after(gift, upgrade(1, "large", "free"), order=cart)

    assert [each.quantity for each in state.lines] == [1, 2]
    assert state.lines[0].discount_quantity == 1
