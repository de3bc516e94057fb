"""UNIT discounts: which units are added, which are free, what the order then says."""

import pytest

from campaigns.engine.applicability import ApplicableTo
from campaigns.engine.discounts import Discount, DiscountType, Effect
from redemptions.engine.decide import decide
from redemptions.engine.decision import Status, as_exception
from redemptions.engine.explanation import sentences_of, trace_of
from redemptions.engine.facts import ItemFacts, StackingRules
from redemptions.engine.order_rendering import order_as_json
from redemptions.engine.wire import discount_as_json
from tests.redemptions.engine.carts import (
    amount_off,
    assigned,
    entry,
    facts,
    line,
    order,
    percent_off,
    product,
    sku,
    unit_off,
    units_known,
    units_off,
    voucher,
)

MISSING, NEW = Effect.ADD_MISSING_ITEMS, Effect.ADD_NEW_ITEMS
SAME, MANY = Effect.ADD_SAME_ITEMS, Effect.ADD_MANY_ITEMS
ONCE = StackingRules(redeemables_products_application_mode="ONCE")
KNOWN = units_known(
    product("tea", 1200),
    product("cup", 500),
    product("gift"),
    sku("large", 700),
    "pc_sale",
)
TEA = product("tea", 1200)


def cart(quantity):
    """A cart with so many units of tea at 12.00, besides a kettle for 49.99."""
    kettle = line("kettle", 4999)
    return order(line("tea", 1200, quantity), kettle) if quantity else order(kettle)


def shown(*discounts, **rest):
    """The order as shown after the vouchers, with the catalogue at hand."""
    rest.setdefault("units", KNOWN)
    vouchers = [voucher(f"V{n}", each) for n, each in enumerate(discounts)]
    return order_as_json(decide(facts(*vouchers, **rest)).order)


def tea_in(shown_order):
    [tea] = [
        each for each in shown_order["items"] if each.get("product_id") == "prod_tea"
    ]
    return tea


WORKED = [
    pytest.param(
        MISSING,
        2,
        (3, 2, 3600, 3, 3600, 0),
        marks=pytest.mark.spec("engine 2.6 ADD_MISSING"),
    ),
    pytest.param(
        NEW,
        2,
        (5, 2, 6000, 3, 3600, 2400),
        marks=pytest.mark.spec("engine 2.6 ADD_NEW"),
    ),
    pytest.param(
        MISSING,
        5,
        (5, 5, 6000, 3, 3600, 2400),
        marks=pytest.mark.spec("engine 2.6 ADD_MISSING, cart has 5"),
    ),
    pytest.param(
        MISSING,
        0,
        (3, 0, 3600, 3, 3600, 0),
        marks=pytest.mark.spec("engine 2.6 either, cart has 0"),
    ),
    pytest.param(
        NEW,
        0,
        (3, 0, 3600, 3, 3600, 0),
        marks=pytest.mark.spec("engine 2.6 either, cart has 0"),
    ),
]


@pytest.mark.spec("engine 2.6 `ADD_MISSING_ITEMS`")
@pytest.mark.spec("engine 2.6 `ADD_NEW_ITEMS`")
@pytest.mark.parametrize(("effect", "quantity", "after"), WORKED)
def test_three_free_units_of_tea(effect, quantity, after):
    found = shown(unit_off(3, "prod_tea", effect), order=cart(quantity))

    tea = tea_in(found)
    assert after == tuple(
        tea[name]
        for name in (
            "quantity",
            "initial_quantity",
            "amount",
            "discount_quantity",
            "discount_amount",
            "subtotal_amount",
        )
    )
    assert tea["initial_amount"] == 1200 * quantity


@pytest.mark.spec("engine 1.4 initial_amount")
@pytest.mark.spec("engine 1.4 amount")
@pytest.mark.spec("engine 1.4 items_discount_amount")
def test_added_units_raise_the_amount_and_only_what_is_free_lowers_the_total():
    found = shown(unit_off(3, "prod_tea", MISSING), order=cart(2))

    assert {
        name: amount for name, amount in found.items() if name.endswith("amount")
    } == {
        "amount": 8599,
        "initial_amount": 7399,
        "items_discount_amount": 3600,
        "total_discount_amount": 3600,
        "total_amount": 4999,
        "items_applied_discount_amount": 3600,
        "total_applied_discount_amount": 3600,
    }


@pytest.mark.spec("engine 1.4 quantity")
@pytest.mark.spec("engine 1.4 discount_quantity")
@pytest.mark.spec("engine 1.4 applied_discount_quantity")
@pytest.mark.spec("engine 1.4 applied_quantity")
def test_a_line_that_the_discount_creates_is_shown_whole():
    found = shown(unit_off(2, "sku_large", NEW), order=cart(0))

    assert found["items"][1] == {
        "object": "order_item",
        "product_id": "prod_parent",
        "sku_id": "sku_large",
        "quantity": 2,
        "initial_quantity": 0,
        "discount_quantity": 2,
        "applied_quantity": 2,
        "applied_quantity_amount": 1400,
        "applied_discount_quantity": 2,
        "amount": 1400,
        "initial_amount": 0,
        "discount_amount": 1400,
        "applied_discount_amount": 1400,
        "price": 700,
        "subtotal_amount": 0,
        "product": {"id": "prod_parent", "source_id": "parent", "name": "Parent"},
        "sku": {"id": "sku_large", "source_id": "large", "price": 700},
    }


def test_a_line_that_needs_no_further_unit_shows_what_it_had():
    tea = tea_in(shown(unit_off(3, "prod_tea", MISSING), order=cart(5)))

    assert "applied_quantity" not in tea
    assert "applied_quantity_amount" not in tea
    assert (tea["applied_discount_quantity"], tea["initial_amount"]) == (3, 6000)


def test_a_thing_without_a_price_is_added_without_money_and_counts_as_an_effect():
    skipping = StackingRules(redeemables_no_effect_rule="SKIP")

    found = shown(unit_off(2, "prod_gift", NEW), order=cart(1), stacking=skipping)

    assert found["items"][2] == {
        "object": "order_item",
        "product_id": "prod_gift",
        "quantity": 2,
        "initial_quantity": 0,
        "discount_quantity": 2,
        "applied_quantity": 2,
        "applied_discount_quantity": 2,
        "product": {"id": "prod_gift", "source_id": "gift", "name": "Gift"},
    }
    assert (found["amount"], found["total_amount"]) == (6199, 6199)
    assert "initial_amount" not in found
    assert "items_discount_amount" not in found


def test_nothing_to_add_and_nothing_to_free_is_no_effect():
    skipping = StackingRules(redeemables_no_effect_rule="SKIP")
    given = facts(
        voucher(discount=unit_off(0, "prod_tea", NEW)),
        order=cart(1),
        stacking=skipping,
        units=KNOWN,
    )

    assert decide(given).entries[0].status is Status.SKIPPED


@pytest.mark.parametrize("effect", [MISSING, NEW])
def test_a_count_below_nothing_gives_nothing(effect):
    found = shown(unit_off(-2, "prod_tea", effect), order=cart(1))

    assert found["total_amount"] == 6199
    assert len(found["items"]) == 2


@pytest.mark.spec("engine 2.6 ADD_MANY_ITEMS")
def test_many_things_are_given_in_turn_each_on_the_result_of_the_former():
    found = shown(
        units_off((1, "prod_tea", NEW), (2, "prod_tea", MISSING), (1, "prod_cup", NEW)),
        order=cart(0),
    )

    tea = tea_in(found)
    assert (tea["quantity"], tea["discount_quantity"]) == (2, 2)
    assert [each["quantity"] for each in found["items"]] == [1, 2, 1]
    assert found["items_applied_discount_amount"] == 2400 + 500
    assert found["total_amount"] == 4999


def test_units_made_free_before_count_as_there_but_are_not_free_twice():
    twice = unit_off(3, "prod_tea", MISSING)

    found = shown(twice, twice, order=cart(2))

    tea = tea_in(found)
    assert (tea["quantity"], tea["discount_quantity"]) == (3, 3)
    assert (tea["discount_amount"], tea["subtotal_amount"]) == (3600, 0)


def test_earlier_discounts_leave_less_to_give_for_free():
    found = shown(
        percent_off(50, Effect.APPLY_TO_ITEMS),
        unit_off(1, "prod_tea", MISSING),
        order=cart(1),
    )

    tea = tea_in(found)
    assert (tea["discount_quantity"], tea["discount_amount"]) == (1, 1200)


def test_free_units_stop_where_nothing_is_left_to_pay():
    found = shown(
        amount_off(99999, Effect.APPLY_TO_ORDER),
        unit_off(3, "prod_tea", MISSING),
        order=cart(2),
    )

    assert tea_in(found)["discount_amount"] == 1200
    assert (found["discount_amount"], found["total_amount"]) == (7399, 0)


@pytest.mark.spec("engine 1.4 discount_amount")
def test_the_order_of_each_redeemable_is_cumulative_but_applies_its_own_alone():
    decision = decide(
        facts(
            voucher("A", unit_off(1, "prod_tea", NEW)),
            voucher("B", unit_off(2, "prod_tea", NEW)),
            voucher("C", amount_off(100)),
            order=cart(1),
            units=KNOWN,
        )
    )

    teas = [tea_in(order_as_json(each.order)) for each in decision.entries]
    assert [each["quantity"] for each in teas] == [2, 4, 4]
    assert [each["discount_quantity"] for each in teas] == [1, 3, 3]
    assert [each.get("applied_quantity") for each in teas] == [1, 2, None]
    assert [each.get("applied_discount_quantity") for each in teas] == [1, 2, None]
    assert {each["initial_quantity"] for each in teas} == {1}
    whole = tea_in(order_as_json(decision.order))
    assert (whole["applied_quantity"], whole["applied_discount_quantity"]) == (3, 3)
    assert whole["applied_quantity_amount"] == 3600


@pytest.mark.parametrize("effect", [MISSING, NEW])
def test_without_an_order_nothing_is_added(effect):
    decision = decide(
        facts(
            voucher(discount=unit_off(1, "prod_tea", effect)), order=None, units=KNOWN
        )
    )

    assert decision.valid
    assert decision.order is None
    assert not decision.entries[0].taken.has_effect


def test_an_order_without_amounts_gets_them_with_the_units():
    found = shown(unit_off(1, "prod_tea", NEW), order=order(line("gift", None)))

    assert (found["amount"], found["initial_amount"], found["total_amount"]) == (
        1200,
        0,
        0,
    )


def test_a_product_is_any_of_its_skus_and_joins_the_first_of_its_lines():
    parent = product("parent")
    known = units_known(product("parent", 900))
    small = line("x", 300, product=parent, sku=sku("small"))
    large = line("x", 400, product=parent, sku=sku("large"))

    found = shown(
        unit_off(3, "prod_parent", MISSING), order=order(small, large), units=known
    )

    assert [each["quantity"] for each in found["items"]] == [2, 1]
    assert [each["discount_quantity"] for each in found["items"]] == [2, 1]
    assert [each["discount_amount"] for each in found["items"]] == [600, 400]


def test_a_sku_is_only_itself():
    small = line("x", 300, product=product("parent"), sku=sku("small"))

    found = shown(unit_off(1, "sku_large", MISSING), order=order(small))

    assert [each["sku_id"] for each in found["items"]] == ["sku_small", "sku_large"]


@pytest.mark.parametrize(
    ("price", "item", "positions"),
    [(None, product("tea", 1200), 2), (1000, product("tea", 1200), 1)],
)
def test_units_join_a_line_of_their_price_alone(price, item, positions):
    found = shown(unit_off(1, "prod_tea", NEW), order=order(line("tea", price)))

    assert len(found["items"]) == positions


def test_the_price_of_a_sku_is_its_products_where_it_has_none():
    known = units_known(sku("large"))
    item = ItemFacts("product", "prod_parent", "parent", price=350)
    known["sku_large"] = type(known["sku_large"])(item, known["sku_large"].sku)

    found = shown(unit_off(2, "sku_large", NEW), order=order(), units=known)

    assert found["items"][0]["amount"] == 700


def test_a_line_that_names_its_amount_alone_has_the_price_of_its_units():
    odd = line("tea", None, 3, amount=1000, product=product("tea"))

    found = shown(unit_off(1, "prod_tea", NEW), order=order(odd))

    assert [each["quantity"] for each in found["items"]] == [4]
    assert (found["amount"], found["items_discount_amount"]) == (1333, 333)


SALE = [
    line("tea", 1200, 2, product=product("tea", 1200, "pc_sale")),
    line("kettle", 4999),
    line("tea", 1200, 1, product=product("tea", 1200, "pc_sale")),
    line("cup", 500, sku=sku("blue", 500, "pc_sale")),
]


@pytest.mark.spec("engine 2.6 ADD_SAME_ITEMS")
def test_the_same_items_are_added_to_every_member_that_the_order_holds():
    found = shown(unit_off(2, "pc_sale", SAME), order=order(*SALE))

    assert [each["quantity"] for each in found["items"]] == [4, 1, 1, 3]
    assert [each.get("discount_quantity") for each in found["items"]] == [
        2,
        None,
        None,
        2,
    ]
    assert found["items_applied_discount_amount"] == 2 * 1200 + 2 * 500
    assert found["total_amount"] == found["initial_amount"]


def test_the_same_items_of_everything_and_of_one_product():
    everything = shown(
        unit_off(1, "pc_sale", SAME), order=cart(1), all_products_id="pc_sale"
    )
    one = shown(unit_off(1, "prod_tea", SAME), order=cart(1))

    assert [each["quantity"] for each in everything["items"]] == [2, 2]
    assert [each["quantity"] for each in one["items"]] == [2, 1]


def test_the_same_items_without_a_member_in_the_order_are_none():
    found = shown(unit_off(2, "pc_sale", SAME), order=cart(1))

    assert found["total_amount"] == 6199
    assert all("discount_quantity" not in each for each in found["items"])


def test_the_same_items_stop_at_the_aggregated_limit_and_leave_out_the_excluded():
    lists = ApplicableTo(
        included=(entry("sale", "products_collection", aggregated_quantity_limit=3),),
        excluded=(entry("cup"),),
    )
    lamp = line("lamp", 100, product=product("lamp", 100, "pc_sale"))
    redeemable = voucher(
        discount=unit_off(2, "pc_sale", SAME), rules=(assigned(lists),)
    )

    decision = decide(facts(redeemable, order=order(*SALE, lamp), units=KNOWN))

    quantities = [each.quantity for each in decision.order.lines]
    assert quantities == [4, 1, 1, 1, 2]


def test_unnamed_lines_are_members_by_themselves():
    unnamed = [line("x", price, product=None) for price in (100, 200)]

    found = shown(
        unit_off(1, "pc_sale", SAME), order=order(*unnamed), all_products_id="pc_sale"
    )

    assert [each["quantity"] for each in found["items"]] == [2, 2]


@pytest.mark.parametrize(
    ("first", "second", "quantities", "discounts"),
    [
        (unit_off(1, "prod_tea", MISSING), MISSING, [1, 1], [1200, 0]),
        (unit_off(1, "prod_tea", MISSING), NEW, [1, 1, 2], [1200, 0, 2400]),
        (unit_off(1, "pc_sale", SAME), SAME, [2, 2], [1200, 4999]),
        (unit_off(1, "prod_gift", NEW), NEW, [1, 1, 1, 2], [0, 0, 0, 0]),
    ],
)
def test_applied_once_a_discounted_line_is_closed_to_further_units(
    first, second, quantities, discounts
):
    count = 2 if second is NEW else 1
    later = unit_off(count, first.unit_type, second)

    decision = decide(
        facts(
            voucher("A", first),
            voucher("B", later),
            order=cart(1),
            stacking=ONCE,
            units=KNOWN,
            all_products_id="pc_sale",
        )
    )

    assert [each.quantity for each in decision.order.lines] == quantities
    assert [each.discount_amount for each in decision.order.lines] == discounts


@pytest.mark.parametrize(
    ("discount", "kind", "name"),
    [
        (unit_off(1, "prod_gone"), "product", "prod_gone"),
        (unit_off(1, "sku_gone"), "sku", "sku_gone"),
        (unit_off(1, "gone"), "product", "gone"),
        (unit_off(1, "pc_gone", SAME), "products_collection", "pc_gone"),
        (unit_off(1, "pc_sale", NEW), "products_collection", "pc_sale"),
        (units_off((1, "prod_tea", NEW), (1, "sku_gone", NEW)), "sku", "sku_gone"),
    ],
)
def test_what_the_catalogue_does_not_have_cannot_be_given(discount, kind, name):
    decision = decide(facts(voucher(discount=discount), order=cart(1), units=KNOWN))

    [found] = decision.entries
    assert found.status is Status.INAPPLICABLE
    assert (found.refusal.key, found.refusal.code) == ("not_found", 404)
    assert (found.refusal.resource_type, found.refusal.resource_id) == (kind, name)
    raised = as_exception(found)
    assert (raised.resource_type, raised.resource_id) == (kind, name)


@pytest.mark.parametrize(
    "discount",
    [
        unit_off(2**53, "prod_gift", NEW),
        unit_off(2**53 - 1, "prod_dear", NEW),
    ],
)
def test_an_order_too_large_to_keep_is_refused(discount):
    known = KNOWN | units_known(product("dear", 10**9))

    [found] = decide(
        facts(voucher(discount=discount), order=cart(1), units=known)
    ).entries

    assert found.status is Status.INAPPLICABLE
    assert (found.refusal.key, found.refusal.code) == ("invalid_order", 400)


@pytest.mark.spec("engine 2.1 `UNIT` `unit_off`")
def test_a_unit_discount_without_an_effect_adds_what_is_missing():
    [one] = decide(
        facts(voucher(discount=unit_off(2, "sku_large")), order=cart(1), units=KNOWN)
    ).entries

    assert discount_as_json(one.discount) == {
        "type": "UNIT",
        "effect": "ADD_MISSING_ITEMS",
        "unit_off": 2,
        "unit_type": "sku_large",
        "product": {"id": "prod_parent", "source_id": "parent", "name": "Parent"},
        "sku": {"id": "sku_large", "source_id": "large", "sku": None},
        "is_dynamic": False,
    }


@pytest.mark.spec("engine 2.1 `UNIT` `units[]`")
def test_a_discount_of_many_units_without_an_effect_adds_many():
    members = units_off((1, "prod_tea", NEW), (2, "prod_cup", MISSING)).units
    discount = Discount(DiscountType.UNIT, units=members)

    [one] = decide(
        facts(voucher(discount=discount), order=cart(1), units=KNOWN)
    ).entries

    assert discount_as_json(one.discount) == {
        "type": "UNIT",
        "effect": "ADD_MANY_ITEMS",
        "units": [
            {
                "effect": "ADD_NEW_ITEMS",
                "unit_off": 1,
                "unit_type": "prod_tea",
                "product": {"id": "prod_tea", "source_id": "tea", "name": "Tea"},
            },
            {
                "effect": "ADD_MISSING_ITEMS",
                "unit_off": 2,
                "unit_type": "prod_cup",
                "product": {"id": "prod_cup", "source_id": "cup", "name": "Cup"},
            },
        ],
        "is_dynamic": False,
    }


def test_lists_of_a_rule_are_told_but_do_not_hold_units_back():
    lists = ApplicableTo(included=(entry("kettle"),))
    redeemable = voucher(
        discount=unit_off(1, "prod_tea", NEW), rules=(assigned(lists),)
    )

    [one] = decide(facts(redeemable, order=cart(1), units=KNOWN)).entries

    assert one.taken.amount == 1200
    assert one.applicable_to[0]["order_item_indices"] == [1]


TWO_IN_WORDS = (
    "V applies: 1 of Tea for free and 2 of Gift for free takes off 12.00 and leaves "
    "61.99 to pay."
)


@pytest.mark.parametrize(
    ("discount", "sentence"),
    [
        (
            units_off((1, "prod_tea", NEW), (2, "prod_gift", NEW)),
            TWO_IN_WORDS,
        ),
        (
            unit_off(1, "pc_sale", SAME),
            "V applies, but takes nothing off.",
        ),
    ],
)
def test_units_are_told_in_words(discount, sentence):
    decision = decide(facts(voucher("V", discount), order=cart(1), units=KNOWN))

    assert sentences_of(decision) == (sentence,)


def test_the_trace_says_how_many_units_moved_where():
    decision = decide(
        facts(
            voucher(discount=unit_off(2, "prod_tea", NEW)), order=cart(1), units=KNOWN
        )
    )

    checks = trace_of(decision)["redeemables"][0]["checks"]
    assert next(each for each in checks if each["check"] == "discount")["units"] == {
        "0": 2
    }


def test_before_any_discount_an_added_line_was_worth_nothing():
    initial = StackingRules(discount_calculation_mode="INITIAL_AMOUNT")
    half = percent_off(50, Effect.APPLY_TO_ITEMS)

    found = shown(unit_off(1, "prod_cup", NEW), half, order=cart(1), stacking=initial)

    assert [each["discount_amount"] for each in found["items"]] == [600, 2500, 500]
