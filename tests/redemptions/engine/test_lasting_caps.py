"""Caps on units that a campaign or tier ever discounts."""

from hashlib import sha256

import pytest

from campaigns.engine.applicability import ApplicableTo
from campaigns.engine.applicability_parsing import LASTING_CAPS, parse_applicable_to
from campaigns.engine.discounts import Effect
from redemptions.engine.claims import CounterClaim
from redemptions.engine.decide import decide
from redemptions.engine.facts import CustomerFacts
from redemptions.engine.lasting_caps import counters_needed
from tests.redemptions.engine.carts import (
    ADA,
    CAMPAIGN,
    amount_off,
    assigned,
    facts,
    fixed,
    line,
    order,
    percent_off,
    product,
    sku,
    tier,
    unit_off,
    units_known,
    voucher,
)

ITEMS, BY_QUANTITY = Effect.APPLY_TO_ITEMS, Effect.APPLY_TO_ITEMS_BY_QUANTITY
REPLACE = Effect.REPLACE_ITEMS
A_UNIT = amount_off(100, BY_QUANTITY)
TEA, CUP = product("tea", 1000, "pc_drinks"), product("cup", 500, "pc_drinks")
CART = order(line("tea", 1000, 3, product=TEA), line("cup", 500, 2, product=CUP))
DRINKS = {"object": "products_collection", "id": "pc_drinks"}


def counter(subject, item, *, by_customer=False):
    """The counter of units of one thing, of all customers or of Ada alone."""
    return subject, f"units:{item}" + (":customer:ada" if by_customer else "")


def claim(key, limit, amount):
    return CounterClaim(*key, amount, limit)


def capped(thing, name, limit, **rest):
    """The lists of a rule with one cap on one thing."""
    included = [{**thing, name: limit, **rest}]
    return (assigned(parse_applicable_to({"included": included})),)


def of(name, kind="product"):
    return {"object": kind, "id": f"{'prod' if kind == 'product' else kind}_{name}"}


def decided(redeemable, used=(), customer=ADA, cart=CART, **rest):
    return decide(
        facts(redeemable, order=cart, customer=customer, used=dict(used), **rest)
    )


def units_claimed(decision):
    return [
        each
        for each in decision.claims
        if isinstance(each, CounterClaim) and each.bucket.startswith("units:")
    ]


def discounted(redeemable, *args, **rest):
    """What is taken off each line, and what the redemption claims under a cap."""
    decision = decided(redeemable, *args, **rest)
    claims = [each for each in units_claimed(decision) if each.limit is not None]
    return dict(decision.entries[0].taken.by_line), claims


def cap_of(name):
    return f"product_{name}_quantity_limit"


CAMPAIGN_CAPS = [
    pytest.param(
        "campaign",
        "prod_tea",
        marks=pytest.mark.spec("engine 3.2 `product_campaign_quantity_limit`"),
    ),
    pytest.param(
        "customer_campaign",
        "prod_tea",
        marks=pytest.mark.spec("engine 3.2 `product_customer_campaign_quantity_limit`"),
    ),
]


@pytest.mark.parametrize(("name", "item"), CAMPAIGN_CAPS)
def test_with_nine_of_ten_units_used_a_line_of_three_gets_one(name, item):
    rules = capped(of("tea"), cap_of(name), 10)
    coupon = voucher(discount=A_UNIT, rules=rules, campaign=CAMPAIGN)
    key = counter("camp_1", item, by_customer="customer" in name)

    by_line, claims = discounted(coupon, {key: 9})

    assert by_line == {0: 100}
    assert claims == [claim(key, 10, 1)]


@pytest.mark.spec("engine 3.2 `product_promotion_tier_quantity_limit`")
@pytest.mark.parametrize(
    "name",
    [
        "promotion_tier",
        "customer_promotion_tier",
        "in_collection_promotion_tier",
        "in_collection_customer_promotion_tier",
    ],
)
def test_the_caps_of_a_tier_count_for_the_tier_and_mean_nothing_to_a_code(name):
    thing = DRINKS if "in_collection" in name else of("tea")
    rules = capped(thing, cap_of(name), 2)
    key = counter("promo_one", "prod_tea", by_customer="customer" in name)

    by_line, claims = discounted(tier(discount=A_UNIT, rules=rules), {key: 1})
    of_code, _ = discounted(voucher(discount=A_UNIT, rules=rules))

    assert by_line[0] == 100
    assert claims[-1] == claim(key, 2, 1)
    assert of_code[0] == 300


def test_a_collections_members_are_counted_together():
    rules = capped(DRINKS, cap_of("campaign"), 4)
    key = counter("v_SPRING", "pc_drinks")

    by_line, claims = discounted(voucher(discount=A_UNIT, rules=rules))

    assert by_line == {0: 300, 1: 100}
    assert claims == [claim(key, 4, 4)]


@pytest.mark.spec("engine 3.2 `product_in_collection_campaign_quantity_limit`")
@pytest.mark.spec("engine 3.2 `product_in_collection_customer_campaign_quantity_limit`")
@pytest.mark.parametrize(
    "name", ["in_collection_campaign", "in_collection_customer_campaign"]
)
def test_or_each_member_by_itself(name):
    rules = capped(DRINKS, cap_of(name), 2)
    tea, cup = (
        counter("v_SPRING", item, by_customer="customer" in name)
        for item in ("prod_tea", "prod_cup")
    )

    by_line, claims = discounted(voucher(discount=A_UNIT, rules=rules), {cup: 1})

    assert by_line == {0: 200, 1: 100}
    assert claims == [claim(cup, 2, 1), claim(tea, 2, 2)]


def test_a_products_skus_are_counted_together_and_a_skus_units_alone():
    shirt = product("shirt")
    cart = order(
        line("x", 1000, 2, product=shirt, sku=sku("s")),
        line("x", 1000, 2, product=shirt, sku=sku("m")),
    )
    both = capped(of("shirt"), cap_of("campaign"), 3)
    one = capped(of("s", "sku"), cap_of("campaign"), 1)

    assert discounted(voucher(discount=A_UNIT, rules=both), cart=cart) == (
        {0: 200, 1: 100},
        [claim(counter("v_SPRING", "prod_shirt"), 3, 3)],
    )
    assert discounted(voucher(discount=A_UNIT, rules=one), cart=cart) == (
        {0: 100},
        [claim(counter("v_SPRING", "sku_s"), 1, 1)],
    )


def test_a_member_may_be_a_sku_or_something_named_by_the_shop_alone():
    shirt, pen = product("shirt"), sku("pen", 500, "pc_drinks")
    unknown = type(TEA)("product", None, "mug", collections=TEA.collections)
    cart = order(
        line("x", 1000, product=shirt, sku=pen),
        line("x", 1000, product=unknown),
    )
    rules = capped(DRINKS, cap_of("in_collection_campaign"), 5)

    _, claims = discounted(voucher(discount=A_UNIT, rules=rules), cart=cart)

    digest = sha256(b"mug").hexdigest()[:32]
    assert [each.bucket for each in claims] == ["units:sku_pen", f"units:x{digest}"]


def test_a_line_that_only_the_order_names_is_counted_by_the_entrys_name():
    cart = order(line("x", 1000, product=None, echo={"product_id": "prod_gone"}))
    rules = capped(of("gone"), cap_of("campaign"), 5)

    _, claims = discounted(voucher(discount=A_UNIT, rules=rules), cart=cart)

    assert claims == [claim(counter("v_SPRING", "prod_gone"), 5, 1)]


def test_a_nameless_line_of_everything_is_no_member_to_count():
    thing = {"object": "products_collection", "id": "pc_all"}
    rules = capped(thing, cap_of("in_collection_campaign"), 1)
    cart = order(line("x", 1000, 3, product=None))

    by_line, claims = discounted(
        voucher(discount=A_UNIT, rules=rules), cart=cart, all_products_id="pc_all"
    )

    assert (by_line, claims) == ({0: 300}, [])


def test_several_caps_hold_together():
    rules = capped(of("tea"), cap_of("campaign"), 9, **{cap_of("customer_campaign"): 2})
    all_of_it, hers = (
        counter("v_SPRING", "prod_tea", by_customer=each) for each in (False, True)
    )

    by_line, claims = discounted(voucher(discount=A_UNIT, rules=rules))

    assert by_line == {0: 200}
    assert claims == [claim(all_of_it, 9, 2), claim(hers, 2, 2)]


@pytest.mark.parametrize("customer", [None, CustomerFacts(None, "new")])
def test_a_customers_cap_without_a_customer_starts_at_nothing_and_is_not_claimed(
    customer,
):
    rules = capped(of("tea"), cap_of("customer_campaign"), 2)

    found = discounted(voucher(discount=A_UNIT, rules=rules), customer=customer)

    assert found == ({0: 200}, [])


@pytest.mark.parametrize(
    ("discount", "by_line", "times"),
    [
        (percent_off(10, ITEMS), {0: 200}, 2),
        (fixed(900, ITEMS), {0: 200}, 2),
        (fixed(1000, ITEMS), {}, 0),
        (amount_off(5000, ITEMS), {0: 2000}, 2),
        (percent_off(10, Effect.APPLY_TO_ORDER), {}, 0),
        (unit_off(1, "prod_tea", Effect.ADD_NEW_ITEMS), {0: 1000}, 0),
        (unit_off(1, "prod_large", REPLACE), {2: 1000}, 2),
    ],
)
def test_every_effect_on_items_is_capped_and_counts_what_it_discounts(
    discount, by_line, times
):
    rules = capped(of("tea"), cap_of("campaign"), 2)
    known = units_known(product("tea", 1000), product("large", 1500))

    taken, claims = discounted(voucher(discount=discount, rules=rules), units=known)

    assert taken == by_line
    assert [each.amount for each in claims] == [times] * bool(times)


def test_a_used_up_cap_leaves_no_discount_and_no_refusal():
    rules = capped(of("tea"), cap_of("campaign"), 2)
    key = counter("v_SPRING", "prod_tea")

    assert discounted(voucher(discount=A_UNIT, rules=rules), {key: 5}) == ({}, [])


def test_codes_of_one_campaign_in_one_request_share_what_is_left():
    rules = capped(of("tea"), cap_of("campaign"), 4)
    both = [
        voucher(code, A_UNIT, rules=rules, campaign=CAMPAIGN) for code in ("A", "B")
    ]

    decision = decide(facts(*both, order=CART, customer=ADA))

    assert [dict(each.taken.by_line) for each in decision.entries] == [
        {0: 300},
        {0: 100},
    ]
    assert claim(counter("camp_1", "prod_tea"), 4, 4) in decision.claims


def test_two_caps_of_one_entry_on_the_same_units_count_them_once():
    rules = capped(
        of("tea"), cap_of("campaign"), 9, **{cap_of("in_collection_campaign"): 2}
    )

    assert discounted(voucher(discount=A_UNIT, rules=rules)) == (
        {0: 200},
        [claim(counter("v_SPRING", "prod_tea"), 2, 2)],
    )


def test_only_counters_of_lines_with_a_cap_are_asked_for():
    rules = capped(of("tea"), cap_of("campaign"), 4)
    plain = (assigned(ApplicableTo()), assigned(None))
    of_hers = capped(of("tea"), cap_of("customer_campaign"), 4)
    several = [
        voucher("A", rules=rules),
        voucher("B", rules=plain),
        voucher("C"),
        voucher("D", rules=of_hers),
    ]

    assert counters_needed(several, facts(order=CART)) == {counter("v_A", "prod_tea")}
    assert counters_needed(several, facts(order=None)) == frozenset()


@pytest.mark.spec("rules 6.1 `product_*_quantity_limit` (eight, each with `_formula`)")
@pytest.mark.parametrize("name", sorted(LASTING_CAPS))
def test_each_cap_is_read_with_its_formula(name):
    [entry] = parse_applicable_to(
        {"included": [{**of("tea"), name: 3, f"{name}_formula": "1 + 2"}]}
    ).included

    [cap] = entry.lasting_caps
    assert (cap.limit, cap.formula) == (3, "1 + 2")
    assert (cap.by_member, cap.by_customer) == ("in_coll" in name, "customer" in name)
    assert cap.scope in name
    assert entry.definition[name] == 3


def test_the_counter_of_a_cap_that_a_formula_gives_is_asked_for_too():
    rules = capped(of("tea"), f"{cap_of('campaign')}_formula", "1 + 1")
    coupon = voucher("A", A_UNIT, rules=rules)
    key = counter("v_A", "prod_tea")

    by_line, claims = discounted(coupon, {key: 1})

    assert counters_needed([coupon], facts(order=CART)) == {key}
    assert (by_line, claims) == ({0: 100}, [claim(key, 2, 1)])


SHIRT = product("shirt")
SIZES = order(
    line("x", 1000, 2, product=SHIRT, sku=sku("s")),
    line("x", 1000, 4, product=SHIRT, sku=sku("m")),
)


def test_units_are_counted_for_caps_that_may_come_under_all_their_names():
    cart = order(line("x", 1000, 2, product=TEA, sku=sku("green")))
    rules = (assigned(parse_applicable_to({"included": [DRINKS]})),)
    coupon = voucher(discount=A_UNIT, rules=rules, campaign=CAMPAIGN)

    claims = units_claimed(decided(coupon, cart=cart))

    assert claims == [
        claim(counter("camp_1", item, by_customer=each), None, 2)
        for item in ("pc_drinks", "prod_tea", "sku_green")
        for each in (False, True)
    ]


def test_a_tiers_units_are_counted_for_the_tier_and_its_promotion():
    cart = order(line("tea", 1000, 2, product=TEA))
    offer = tier(discount=A_UNIT, campaign=CAMPAIGN)

    claims = units_claimed(decided(offer, cart=cart, customer=None))

    assert claims == [
        claim(counter(subject, "prod_tea"), None, 2)
        for subject in ("camp_1", "promo_one")
    ]


def test_nothing_is_counted_of_what_is_not_discounted_by_line():
    coupon = voucher(discount=percent_off(10, Effect.APPLY_TO_ORDER))

    assert units_claimed(decided(coupon)) == []


def sizes_capped(*things):
    """A cap of three shirts, among other entries without one."""
    listed = parse_applicable_to({"included": list(things)})
    return voucher(discount=A_UNIT, rules=(assigned(listed),))


def test_units_beside_a_cap_leave_it_less():
    all_sizes = {**of("shirt"), cap_of("campaign"): 3}
    coupon = sizes_capped(of("s", "sku"), all_sizes)
    key = counter("v_SPRING", "prod_shirt")

    assert discounted(coupon, cart=SIZES) == ({0: 200, 1: 100}, [claim(key, 3, 3)])


def test_units_that_no_cap_is_about_go_beyond_it():
    all_sizes = {**of("shirt"), cap_of("campaign"): 3}
    coupon = sizes_capped(all_sizes, of("s", "sku"))
    key = counter("v_SPRING", "prod_shirt")

    assert discounted(coupon, cart=SIZES) == ({0: 200, 1: 300}, [claim(key, 5, 5)])
