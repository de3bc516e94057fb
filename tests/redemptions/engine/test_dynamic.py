"""Values that formulas give: what they read, and what counts when they have none."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from campaigns.engine.applicability import ApplicableTo, Entry, LastingCap
from campaigns.engine.bundles import Bundle, BundlePart
from campaigns.engine.discounts import Discount, DiscountType, Effect, UnitDiscount
from campaigns.engine.rules import Target
from campaigns.engine.validity import Validity
from redemptions.engine.applicability import joined_lists
from redemptions.engine.decide import decide
from redemptions.engine.dynamic import worked_out
from redemptions.engine.explanation import trace_of
from redemptions.engine.facts import CustomerFacts, ItemFacts, UnitFacts
from redemptions.engine.formula_facts import FormulaFacts
from redemptions.engine.multiplication import multiplied
from redemptions.engine.order import opening_state
from redemptions.engine.wire import discount_as_json
from tests.redemptions.engine.carts import (
    CART_K,
    amount_off,
    assigned,
    facts,
    fixed,
    including,
    line,
    order,
    percent_off,
    product,
    tier,
    voucher,
)

spec = pytest.mark.spec
MUG = ItemFacts("product", "prod_mug", "mug", name="Mug", price=500)
CART = order(
    line("tea", 1200, 2, metadata={"weight": 3}),
    line("cup", 1850, product=replace(product("cup", 1850), metadata={"care": "5"})),
    line("spoon", None),
    line("honey", 699, 3),
    metadata={"city": "Lyon"},
)


def entry_of(redeemable, **rest):
    return decide(facts(redeemable, **rest)).entries[0]


def amount_by(text, stored=None, redeemable=None, **rest):
    """Return what an amount off by formula takes off the order."""
    discount = amount_off(stored, formulas={"amount_off": text})
    redeemable = replace(redeemable or voucher(), discount=discount)
    return entry_of(redeemable, **{"order": CART, **rest})


@spec("rules 8.1 `amount_off_formula`")
@pytest.mark.parametrize(
    ("amount", "taken"), [(21375, 2565), (15030, 601), (18000, 720)]
)
def test_an_amount_is_worked_out_in_major_units(amount, taken):
    text = "IF(ORDER_AMOUNT > 180;ORDER_AMOUNT * 0.12;ORDER_AMOUNT * 0.04)"

    entry = amount_by(text, 500, order=order(amount=amount))

    assert entry.taken.order_amount == taken
    assert entry.discount.is_dynamic is True
    assert discount_as_json(entry.discount)["amount_off"] == taken


@pytest.mark.parametrize("text", ['ORDER_METADATA("visits")', "ORDER_ITEM_PRICE"])
def test_the_stored_number_counts_where_a_formula_has_no_value(text):
    entry = amount_by(text, 500)

    assert entry.taken.order_amount == 500
    assert entry.discount.is_dynamic is False
    [worked] = entry.discount.worked
    assert (worked.field, worked.value) == ("amount_off", None)
    assert worked.reason.endswith("is missing")


def test_without_a_stored_number_nothing_is_taken_off():
    entry = amount_by("1 / 0")

    assert entry.taken.amount == 0
    assert entry.discount.value == 0


@pytest.mark.parametrize(
    ("text", "taken"), [("0 - 5", 0), ("POW(10;16)", 500), ("0.005", 1), ("0.0049", 0)]
)
def test_values_are_held_within_bounds_and_rounded_half_up(text, taken):
    assert amount_by(text, 500).taken.order_amount == taken


@spec("rules 8.1 `percent_off_formula`")
@pytest.mark.parametrize(
    ("text", "percent", "taken"),
    [("12.5", "12.5", 1418), ("250", "100", 11346), ("0 - 3", "0", 0)],
)
def test_a_percentage_keeps_its_decimals_and_its_bounds(text, percent, taken):
    discount = percent_off(5, formulas={"percent_off": text})

    entry = entry_of(voucher(discount=discount), order=CART_K)

    assert entry.discount.value == Decimal(percent)
    assert entry.taken.order_amount == taken


@spec("rules 8.1 `unit_off_formula`")
def test_units_are_rounded_down():
    discount = Discount(
        DiscountType.UNIT,
        Effect.ADD_NEW_ITEMS,
        unit_type="prod_mug",
        formulas={"unit_off": "ORDER_UNITS_QUANTITY / 4"},
    )

    entry = entry_of(
        voucher(discount=discount),
        order=order(line("tea", 1200, 11)),
        units={"prod_mug": UnitFacts(product=MUG)},
    )

    assert entry.order.lines[1].quantity == 2
    assert entry.taken.amount == 1000
    assert entry.discount.is_dynamic is True


def test_each_of_many_units_has_a_formula_of_its_own():
    units = (
        UnitDiscount(1, "prod_mug", Effect.ADD_NEW_ITEMS, "1 + 2"),
        UnitDiscount(1, "prod_mug", Effect.ADD_NEW_ITEMS, "1 / 0"),
        UnitDiscount(1, "prod_mug", Effect.ADD_NEW_ITEMS),
    )
    discount = Discount(DiscountType.UNIT, Effect.ADD_MANY_ITEMS, units=units)

    entry = entry_of(
        voucher(discount=discount),
        order=order(line("tea", 1200)),
        units={"prod_mug": UnitFacts(product=MUG)},
    )

    assert [unit.unit_off for unit in entry.discount.units] == [3, 1, 1]


@spec("rules 8.4 `ORDER_ITEM_PRICE`")
@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("ORDER_ITEM_PRICE * 0.1", {0: 120, 1: 185, 2: 77, 3: 70}),
        ("ORDER_ITEM_AMOUNT * 0.1", {0: 240, 1: 185, 2: 77, 3: 210}),
        ("ORDER_ITEM_SUBTOTAL * 0.1", {0: 240, 1: 185, 2: 77, 3: 210}),
        ("ORDER_ITEM_UNITS_QUANTITY", {0: 200, 1: 100, 2: 100, 3: 300}),
        ('ORDER_ITEM_METADATA("weight")', {0: 300, 1: 77, 2: 77, 3: 77}),
        ('ORDER_ITEM_PRODUCT_METADATA("care")', {0: 77, 1: 500, 2: 77, 3: 77}),
    ],
)
def test_a_formula_of_the_line_gives_each_line_its_own_value(text, taken):
    discount = amount_off(77, Effect.APPLY_TO_ITEMS, formulas={"amount_off": text})
    priced = order(
        line("tea", 1200, 2, metadata={"weight": 3}),
        line("cup", 1850, product=replace(product("cup"), metadata={"care": "5"})),
        line("spoon", None, amount=None),
        line("honey", 699, 3),
    )

    entry = entry_of(voucher(discount=discount), order=priced)

    wanted = {at: part for at, part in taken.items() if at != 2}
    assert entry.taken.by_line == wanted
    assert entry.discount.is_dynamic is True


def test_a_percentage_and_a_new_price_may_differ_by_line_too():
    percent = percent_off(
        5, Effect.APPLY_TO_ITEMS, formulas={"percent_off": "ORDER_ITEM_PRICE"}
    )
    price = fixed(
        None, Effect.APPLY_TO_ITEMS, formulas={"fixed_amount": "ORDER_ITEM_PRICE / 2"}
    )
    cart = order(line("tea", 1000, 2), line("cup", 2000))

    by_percent = entry_of(voucher(discount=percent), order=cart)
    by_price = entry_of(voucher(discount=price), order=cart)

    assert by_percent.taken.by_line == {0: 200, 1: 400}
    assert by_price.taken.by_line == {0: 1000, 1: 1000}


@spec("rules 6.1 `price`, `price_formula`")
def test_a_price_formula_gives_each_item_its_new_price():
    cart = order(
        line("lamp", 1950, 2, product=product("lamp", 1950, "pc_light")),
        line("bulb", 240, 6, product=product("bulb", 240, "pc_light")),
    )
    named = Entry(
        "products_collection",
        "pc_light",
        None,
        price=100,
        price_formula="ORDER_ITEM_PRICE * 0.85",
    )
    lists = ApplicableTo((named,))
    redeemable = voucher(
        discount=fixed(None, Effect.APPLY_TO_ITEMS), rules=(assigned(lists),)
    )

    entry = entry_of(redeemable, order=cart)

    assert entry.taken.by_line == {0: 2 * (1950 - 1658), 1: 6 * (240 - 204)}
    assert entry.discount.is_dynamic is True
    prices = {each["id"]: each["price"] for each in entry.applicable_to}
    assert prices == {"pc_light": 1658, "prod_lamp": 1658, "prod_bulb": 204}


def test_a_price_formula_without_a_value_leaves_the_stored_price():
    lists = including("tea", price=1000, price_formula="1 / 0")
    redeemable = voucher(discount=fixed(None), rules=(assigned(lists),))

    entry = entry_of(redeemable, order=CART_K)

    assert entry.taken.by_line == {0: 400}
    assert entry.discount.is_dynamic is False


def test_a_new_price_by_line_is_shown_with_the_items():
    discount = fixed(
        900, Effect.APPLY_TO_ITEMS, formulas={"fixed_amount": "ORDER_ITEM_PRICE / 2"}
    )
    lists = including("tea")

    entry = entry_of(voucher(discount=discount, rules=(assigned(lists),)), order=CART_K)

    assert [each["price"] for each in entry.applicable_to] == [600]


GIVEN = voucher(
    metadata={"vip": "2"},
    quantity=10,
    redeemed_quantity=4,
    is_published=True,
    publication_metadata={"store": 7},
    validity=Validity(
        start=datetime(2027, 3, 1, tzinfo=UTC),
        expiration=datetime(2027, 4, 1, tzinfo=UTC),
    ),
)


@spec("rules 8.4 `ORDER_AMOUNT`")
@spec("rules 8.4 `ORDER_ITEMS_QUANTITY`")
@spec("rules 8.4 `ORDER_UNITS_QUANTITY`")
@spec("rules 8.4 `ORDER_METADATA")
@spec("rules 8.4 `REDEEMABLE_METADATA")
@spec("rules 8.4 `REDEMPTION_METADATA")
@spec("rules 8.4 `PUBLICATION_METADATA")
@spec("rules 8.4 `CHEAPEST_ORDER_ITEM_*`")
@spec("rules 8.4 `VOUCHER_REDEMPTION_QUANTITY`")
@spec("rules 8.4 `CUSTOMER_BIRTHDATE`")
@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("ORDER_AMOUNT / 100", 63),
        ("ORDER_ITEMS_QUANTITY", 400),
        ("ORDER_UNITS_QUANTITY", 700),
        ('IF(ORDER_METADATA("city") is "Lyon";9;0)', 900),
        ('CUSTOMER_METADATA("points")', 500),
        ('REDEEMABLE_METADATA("vip")', 200),
        ('REDEMPTION_METADATA("till")', 300),
        ('PUBLICATION_METADATA("store")', 700),
        ("CHEAPEST_ORDER_ITEM_PRICE", 699),
        ("CHEAPEST_ORDER_ITEM_AMOUNT", 2097),
        ("CHEAPEST_ORDER_ITEM_UNITS_QUANTITY", 300),
        ("MOST_EXPENSIVE_ORDER_ITEM_SUBTOTAL", 1850),
        ('MOST_EXPENSIVE_ORDER_ITEM_PRODUCT_METADATA("care")', 500),
        ("VOUCHER_REDEMPTION_QUANTITY", 1000),
        ("VOUCHER_REDEEMED_QUANTITY", 400),
        ("VOUCHER_PUBLISH_COUNT", 100),
        ("MONTH(VOUCHER_START_DATE)", 300),
        ("MONTH(VOUCHER_EXPIRATION_DATE)", 400),
        ("MONTH(CUSTOMER_BIRTHDATE)", 500),
        ("PROMOTION_TIER_START_DATE", 0),
        ("ORDER_BUNDLE_QUANTITY", 0),
    ],
)
def test_operands_of_a_voucher(text, taken):
    customer = CustomerFacts(
        "cust_ada", "ada", metadata={"points": 5}, birthdate=date(1990, 5, 1)
    )

    entry = amount_by(text, redeemable=GIVEN, customer=customer, metadata={"till": 3})

    assert entry.taken.order_amount == taken


@spec("rules 8.4 `PROMOTION_TIER_START_DATE`")
@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("MONTH(PROMOTION_TIER_START_DATE)", 300),
        ("MONTH(PROMOTION_TIER_EXPIRATION_DATE)", 77),
        ("VOUCHER_REDEEMED_QUANTITY", 77),
    ],
)
def test_operands_of_a_tier(text, taken):
    validity = Validity(start=datetime(2027, 3, 1, tzinfo=UTC))

    entry = amount_by(text, 77, redeemable=tier(validity=validity))

    assert entry.taken.order_amount == taken


@pytest.mark.parametrize(
    "text",
    [
        "ORDER_AMOUNT",
        "ORDER_ITEMS_QUANTITY",
        "ORDER_UNITS_QUANTITY",
        'ORDER_METADATA("city")',
        'CUSTOMER_METADATA("points")',
        'PUBLICATION_METADATA("store")',
        "CUSTOMER_BIRTHDATE",
        "CHEAPEST_ORDER_ITEM_PRICE",
        "VOUCHER_REDEMPTION_QUANTITY",
        "VOUCHER_EXPIRATION_DATE",
    ],
)
def test_what_nothing_is_behind_is_missing(text):
    entry = amount_by(text, 0, order=None, customer=None)

    assert entry.discount.worked[0].reason.endswith("is missing")


def test_bundles_multiply_what_formulas_give():
    amount = amount_off(
        50, Effect.APPLY_TO_ITEMS, formulas={"amount_off": "ORDER_ITEM_PRICE"}
    )
    percent = percent_off(
        5, Effect.APPLY_TO_ITEMS, formulas={"percent_off": "ORDER_ITEM_PRICE"}
    )
    cart = order(line("tea", 6000))
    for discount, by_line in ((amount, {0: 12_000}), (percent, {0: Decimal(100)})):
        applied = entry_of(voucher(discount=discount), order=cart).discount

        found, _ = multiplied(applied, joined_lists(()), 2)

        assert found.by_line == by_line


@spec("rules 8.4 `ORDER_BUNDLE_QUANTITY`")
@pytest.mark.parametrize(
    ("teas", "limit", "taken"), [(2, 5, 10), (5, 5, 20), (7, 2, 20)]
)
def test_a_formula_may_count_the_bundles_found(teas, limit, taken):
    pair = BundlePart(Target("product", "prod_tea"), 2)
    discount = amount_off(
        99, Effect.APPLY_TO_ORDER, formulas={"amount_off": "ORDER_BUNDLE_QUANTITY / 10"}
    )
    rules = assigned(bundle=Bundle((pair,), limit, multiplies=False))

    given = voucher(discount=discount, rules=(rules,))
    entry = entry_of(given, order=order(line("tea", 1200, teas)))

    assert entry.taken.order_amount == taken


def test_the_explanation_says_what_a_formula_came_to():
    by_formula = amount_off(5, formulas={"amount_off": "ORDER_AMOUNT / 10"})
    as_stored = amount_off(5, formulas={"amount_off": "1 / 0"})
    per_line = amount_off(
        5, Effect.APPLY_TO_ITEMS, formulas={"amount_off": "ORDER_ITEM_PRICE"}
    )

    told = [
        trace_of(decide(facts(voucher(discount=each), order=CART_K)))
        for each in (by_formula, as_stored, per_line)
    ]

    assert [one["redeemables"][0]["gives"]["formulas"][0] for one in told] == [
        {"field": "amount_off", "value": 1135},
        {
            "field": "amount_off",
            "value": None,
            "reason": "the arithmetic has no result",
        },
        {"field": "amount_off", "value": 1200, "line": 0},
    ]
    assert ", as its formula gives, takes off" in told[0]["sentences"][0]
    assert "its formula has no value (the arithmetic" in told[1]["sentences"][0]


def test_a_stored_text_that_is_no_formula_leaves_the_stored_number():
    discount = amount_off(50, Effect.APPLY_TO_ITEMS, formulas={"amount_off": "1 +"})

    entry = entry_of(voucher(discount=discount), order=order(line("tea", 1200)))

    assert entry.taken.by_line == {0: 50}
    assert entry.discount.worked[0].reason == "it ends too early"


@spec("rules 8.1 the eight")
@pytest.mark.parametrize(
    ("cap", "units"),
    [
        (LastingCap("campaign", formula="ORDER_UNITS_QUANTITY - 1.5"), 2),
        (LastingCap("campaign", limit=1, formula="1 / 0"), 1),
        (LastingCap("campaign", limit=1, formula="3"), 3),
        (LastingCap("campaign", formula="1 / 0"), 0),
        (LastingCap("campaign", limit=1), 1),
    ],
)
def test_a_cap_on_the_units_of_a_campaign_may_be_a_formula(cap, units):
    discount = amount_off(100, Effect.APPLY_TO_ITEMS_BY_QUANTITY)
    lists = including("tea", lasting_caps=(cap,))
    redeemable = voucher(discount=discount, rules=(assigned(lists),))

    entry = entry_of(redeemable, order=order(line("tea", 1000, 4)))

    assert entry.taken.amount == 100 * units


def test_lines_that_are_not_reached_say_nothing_about_a_formula():
    discount = amount_off(
        50, Effect.APPLY_TO_ITEMS, formulas={"amount_off": "ORDER_ITEM_PRICE / 10"}
    )
    redeemable = voucher(discount=discount, rules=(assigned(including("tea")),))
    cart = order(line("tea", 1000), line("spoon", None))

    entry = entry_of(redeemable, order=cart)

    assert [(each.line, each.value) for each in entry.discount.worked] == [(0, 100)]


@spec("rules 8.1 `points_formula` of earning rules")
@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("ORDER_AMOUNT / 10", 6),
        ("ORDER_AMOUNT / 100", 1),
        ("0.5", 1),
        ("0.49", 0),
        ("0 - 3", 0),
        ("1 / 0", None),
    ],
)
def test_points_are_the_nearest_whole_number(text, points):
    operands = FormulaFacts(facts(order=CART), voucher(), opening_state(CART))

    assert worked_out("points", text, operands).value == points
