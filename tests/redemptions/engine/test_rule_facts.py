"""What each rule looks at, and what it says when it cannot."""

from dataclasses import replace

import pytest

from campaigns.engine.rule_catalogue import CATALOGUE, Operand
from promo.comparison import Kind
from redemptions.engine.facts import Caller, CustomerFacts, OrderFacts
from redemptions.engine.order import Taken, opening_state, take_off
from tests.redemptions.engine.rule_cases import (
    CUSTOMER,
    LAMP,
    VOUCHER,
    context,
    outcome,
    passes,
    rule,
)


@pytest.mark.spec("rules 4.1 customer.segment")
@pytest.mark.spec("rules 4.1 customer.metadata + property")
@pytest.mark.spec("rules 4.2 order.metadata + property")
@pytest.mark.spec("rules 4.2 order.items.count")
@pytest.mark.spec("rules 4.6 redemption.metadata + property")
@pytest.mark.spec("rules 4.6 redemption.api_key")
@pytest.mark.spec("rules 4.6 redemption.user.login")
@pytest.mark.spec("rules 3.1 $is")
@pytest.mark.spec("rules 3.1 $is_not")
@pytest.mark.spec("rules 3.1 $in")
@pytest.mark.spec("rules 3.1 $not_in")
@pytest.mark.spec("rules 3.1 $starts_with, $ends_with, $contains")
@pytest.mark.parametrize(
    ("single", "expected"),
    [
        (rule("customer.segment", "$is", "seg_1"), True),
        (rule("customer.segment", "$in", "seg_2", "seg_1"), True),
        (rule("customer.segment", "$is_not", "seg_1"), False),
        (rule("customer.segment", "$not_in", "seg_2"), True),
        (rule("customer.metadata", "$is", "gold", property="tier"), True),
        (rule("customer.metadata", "$is_not", "gold", property="absent"), True),
        (rule("customer.metadata", "$is", "gold", property="absent"), False),
        (rule("order.metadata", "$starts_with", "Ni", property="city"), True),
        (rule("redemption.metadata", "$is", "web", property="channel.name"), True),
        (rule("redemption.api_key", "$in", "key_1", "key_2"), True),
        (rule("redemption.user.login", "$is", "ann"), False),
        (rule("redemption.user.login", "$is_not", "ann"), True),
        (rule("order.amount", "$more_than", 14_039), True),
        (rule("order.initial_amount", "$less_than", 14_040), False),
        (rule("order.items.count", "$more_than", 8), True),
        (rule("order.items.count", "$is", 9), True),
        (rule("custom_event.metadata", "$is_not", "x", property="y"), False),
        (rule("publication.redeemable_by_linked_customer", "$is", True), True),
    ],
)
def test_a_rule_reads_its_facts(single, expected):
    where = context(
        caller=Caller(api_key_id="key_1"), metadata={"channel": {"name": "web"}}
    )

    assert passes(single, where) is expected


@pytest.mark.spec("rules 4.2 order.amount")
@pytest.mark.spec("rules 4.2 order.initial_amount")
@pytest.mark.spec("rules 4.2 coupon, gift")
@pytest.mark.spec("rules 4.2 gift, coupon")
@pytest.mark.parametrize(
    ("after_gift", "expected"), [(0, (9300, 9300)), (1500, (7800, 9300))]
)
def test_order_amount_sees_what_earlier_discounts_left(after_gift, expected):
    order = OrderFacts(lines=(), amount=9300)
    where = context(order)
    where = replace(
        where, before=take_off(opening_state(order), Taken(order_amount=after_gift))
    )
    coupon = {
        "1": rule("order.amount", "$more_than", 8000),
        "2": rule("order.initial_amount", "$less_than", 9500),
    }

    found = outcome(coupon, where)

    amounts = [trace.conditions[0].actual for trace in found.sets[0].rules]
    assert tuple(amounts) == expected
    assert found.passed is (after_gift == 0)
    assert found.key == ("" if after_gift == 0 else "order_rules_violated")


def test_the_total_is_told_once_the_discount_is_calculated():
    order = OrderFacts(lines=(), amount=9300)
    single = rule("order.total_amount", "$more_than_or_equal", 7500)
    before = context(order)
    after = replace(before, after=take_off(before.before, Taken(order_amount=2000)))

    early, late = outcome({"1": single}, before), outcome({"1": single}, after)

    assert early.sentences() == (
        "order.total_amount is known once the discount is calculated",
    )
    assert late.sentences() == (
        "order amount after this discount would be 73.00, needs at least 75.00",
    )
    assert not early.passed
    assert not late.passed


def test_a_total_of_an_order_without_amount_is_missing():
    where = context(OrderFacts((), None))

    found = outcome(
        {"1": rule("order.total_amount", "$is", 1)}, replace(where, after=where.before)
    )

    assert found.key == "missing_amount"


@pytest.mark.spec("engine 12.2 redemption_rules_violated")
@pytest.mark.parametrize(
    ("used", "limit", "expected"),
    [
        (0, ("$less_than_or_equal", 1), True),
        (1, ("$less_than_or_equal", 1), False),
        (0, ("$less_than", 1), False),
        (2, ("$less_than_or_equal", 3), True),
    ],
)
@pytest.mark.spec("rules 5.2 Value compared")
@pytest.mark.parametrize(
    "name", ["redemption.count.per_customer", "campaign.redemptions.customers_count"]
)
def test_a_count_includes_the_redemption_itself(name, used, limit, expected):
    where = context(used={("v_1", "count:customer:1"): used})

    found = outcome({"1": rule(name, *limit)}, where)

    assert found.passed is expected
    assert found.key == ("" if expected else "redemption_rules_violated")


def test_a_budget_of_discounts_is_not_known_before_the_discount():
    name = "campaign.orders.amount_discounted"

    found = outcome({"1": rule(name, "$less_than", 1)})

    assert found.sentences() == (f"{name} is known once the discount is calculated",)


@pytest.mark.spec("rules 4.1 customer.loyalty.tier")
def test_tiers_are_those_that_the_customer_holds():
    gold = context(customer=CustomerFacts("c", None, loyalty_tiers={"ltr_gold"}))
    nobody = rule("customer.loyalty.tier", "$is_not", "ltr_gold")
    holder = rule("customer.loyalty.tier", "$in", "ltr_gold", "ltr_silver")

    assert passes(holder, gold)
    assert not passes(nobody, gold)
    assert passes(nobody)
    assert outcome({"1": holder}).sentences() == (
        "the customer holds no loyalty tier, needs ltr_gold or ltr_silver",
    )
    assert outcome({"1": holder}, context(customer=None)).key == "missing_customer"


VALUES = {
    Operand.NUMBER: 1,
    Operand.TEXT: "x",
    Operand.BOOLEAN: True,
    Operand.ANY: 1,
    Operand.ITEM: {"id": "prod_x"},
}


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_rule_of_the_catalogue_says_what_it_found(name):
    kind = CATALOGUE[name]
    fields = {"property": "level"} if kind.needs_property else {}
    operator = "$is" if "$is" in kind.operators else min(kind.operators)
    asked = rule(name, operator, VALUES[kind.operand], **fields)

    [found] = outcome({"1": asked}).told()["rules"]

    assert found["rules"][0]["name"] == name


HOLDER = "publication.redeemable_by_linked_customer"


@pytest.mark.spec("rules 4.1 publication.redeemable_by_linked_customer")
@pytest.mark.spec("engine 12.2 customer_rules_violated")
@pytest.mark.parametrize(
    ("holder", "customer", "expected"),
    [
        ("cust_1", CUSTOMER, True),
        ("cust_2", CUSTOMER, False),
        (None, CUSTOMER, False),
        (None, CustomerFacts(None, "new"), False),
    ],
)
def test_only_the_holder_may_redeem(holder, customer, expected):
    where = context(customer=customer, redeemable=replace(VOUCHER, holder_id=holder))

    found = outcome({"1": rule(HOLDER, "$is", True)}, where)

    assert found.passed is expected
    assert found.key == ("" if expected else "customer_rules_violated")


def test_a_holder_rule_without_customer_misses_one():
    found = outcome({"1": rule(HOLDER, "$is_not", False)}, context(customer=None))

    assert found.key == "missing_customer"


@pytest.mark.spec("rules 4.1 publication.redeemable_by_linked_customer")
def test_a_holder_rule_that_asks_for_nothing_holds():
    assert passes(rule(HOLDER, "$is", False), context(customer=None))


@pytest.mark.spec("rules 4.1 publication.redeemable_by_linked_customer")
def test_a_holder_rule_has_no_meaning_for_a_tier():
    tier = replace(VOUCHER, object="promotion_tier", holder_id=None)

    assert passes(rule(HOLDER, "$is", True), context(redeemable=tier))


@pytest.mark.spec("rules 3.2 Declared type in the metadata schema")
def test_a_declared_type_decides_how_metadata_compares():
    order = OrderFacts((), 5, metadata={"visits": "10"})
    single = rule("order.metadata", "$less_than", "9", property="visits")
    where = context(order)
    declared = replace(where.facts, schemas={"order": {"visits": Kind.TEXT}})

    assert not passes(single, where)
    assert passes(single, replace(where, facts=declared))


@pytest.mark.spec("rules 3.2 Geopoint metadata")
@pytest.mark.parametrize("operator", ["$is", "$is_not", "$contains"])
@pytest.mark.parametrize(
    ("name", "resource"),
    [("order.metadata", "order"), ("product.metadata", "product")],
)
def test_a_place_is_not_compared(operator, name, resource):
    single = rule(name, operator, "52.2,21.0", property="home")
    where = context()
    declared = {resource: {"home": Kind.GEOPOINT}}
    where = replace(where, facts=replace(where.facts, schemas=declared))

    found = outcome({"1": single}, where)

    assert not found.passed
    assert found.sentences() == (
        f"{name} home is a place, which only a filter can look at",
    )


@pytest.mark.spec("rules 3.2 Object-typed metadata")
@pytest.mark.parametrize(
    ("path", "conditions", "expected"),
    [
        ("payment.method", {"$is": ["card"]}, True),
        ("payment.card.bin", {"$starts_with": ["41", "51"]}, True),
        ("payment", {"$is": ["card"]}, False),
        ("payment", {"$contains": ["card"]}, False),
        ("payment.card", {"$is": ["411111"]}, False),
        ("payment.method.card", {"$is": ["card"]}, False),
    ],
)
def test_what_an_object_of_metadata_holds_is_named_by_its_path(
    path, conditions, expected
):
    payment = {"method": "card", "card": {"bin": "411111"}}
    where = context(OrderFacts((), 5, metadata={"payment": payment}))
    single = {"name": "order.metadata", "property": path, "conditions": conditions}

    assert passes(single, where) is expected


@pytest.mark.spec("rules 4.2 order.items.count")
@pytest.mark.parametrize(
    ("fields", "count", "value"),
    [
        ({"initial_quantity": 2, "initial_amount": 600}, 2, 600),
        ({"initial_quantity": 2}, 2, 1500),
        ({"initial_quantity": 0, "initial_amount": 0}, 0, 0),
    ],
)
def test_what_unit_discounts_of_earlier_requests_did_does_not_count(
    fields, count, value
):
    given = replace(LAMP, quantity=5, amount=1500, **fields)
    sent = replace(LAMP, index=1, quantity=1, amount=100)
    where = context(OrderFacts((given, sent), 1600))
    all_of_it = rule("order.items.aggregated_amount", "$is", value + 100)

    assert passes(rule("order.items.count", "$is", count + 1), where)
    assert passes(rule("order.items.any", rules={"1": all_of_it, "logic": "1"}), where)
