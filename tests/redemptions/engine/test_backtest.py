"""Offers held against orders that there were."""

from dataclasses import replace
from datetime import timedelta

from campaigns.engine.discounts import Effect
from campaigns.engine.rule_parsing import parse_rules
from redemptions.engine.backtest import Past, backtest
from tests.redemptions.engine.carts import (
    ADA,
    CAMPAIGN,
    NOW,
    amount_off,
    assigned,
    facts,
    line,
    order,
    percent_off,
    tier,
    voucher,
)

TEN = percent_off(10, Effect.APPLY_TO_ORDER)
EITHER = {
    "1": {"name": "order.amount", "conditions": {"$more_than": [5000]}},
    "2": {
        "name": "customer.metadata",
        "property": "level",
        "conditions": {"$is": ["gold"]},
    },
    "logic": "1 or 2",
}
TWICE = {
    "1": {
        "name": "campaign.redemptions.count",
        "conditions": {"$less_than_or_equal": [2]},
    },
    "logic": "1",
}


def past(name, *prices, customer=None, days=1):
    lines = [line("tea", price) for price in prices]
    return Past(
        id=f"ord_{name}",
        name=name,
        at=NOW - timedelta(days=days),
        order=order(*lines),
        customer=customer,
    )


def ruled(definition, **values):
    return assigned(rules=parse_rules(definition), **values)


def hits(found):
    return [(hit.past.name, hit.value, hit.taken) for hit in found.hits]


def test_the_largest_discount_goes_first_and_everything_adds_up():
    offer = tier("ten", TEN)

    found = backtest(facts(offer), [offer], [past("a", 1000), past("b", 2000, 3000)])

    assert hits(found) == [("b", 5000, 500), ("a", 1000, 100)]
    assert (found.orders, found.revenue, found.discount) == (2, 6000, 600)
    assert found.misses == []


def test_every_rule_that_would_have_been_enough_is_a_reason():
    offer = tier("ten", TEN, rules=(ruled(EITHER),))
    silver = replace(ADA, metadata={"level": "silver"})

    found = backtest(
        facts(offer),
        [offer],
        [past("a", 1000), past("b", 2000, customer=silver), past("c", 6000)],
    )

    assert hits(found) == [("c", 6000, 600)]
    assert [(miss.rule["name"], miss.count) for miss in found.misses] == [
        ("customer.metadata", 2),
        ("order.amount", 2),
    ]
    assert {miss.past.name for miss in found.misses} == {"a"}


def test_a_set_that_holds_is_no_reason_beside_one_that_does_not():
    small = {
        "1": {"name": "order.amount", "conditions": {"$less_than": [9000]}},
        "logic": "1",
    }
    offer = tier("ten", TEN, rules=(ruled(small, rule_id="val_2"), ruled(EITHER)))

    found = backtest(facts(offer), [offer], [past("a", 1000, customer=ADA)])

    assert [miss.held["rule_id"] for miss in found.misses] == ["val_1", "val_1"]


def test_uses_are_counted_from_nothing_in_the_order_of_the_orders():
    offer = tier("ten", TEN, rules=(ruled(TWICE),), campaign=CAMPAIGN)

    found = backtest(
        facts(offer), [offer], [past(name, 1000) for name in ("a", "b", "c")]
    )

    assert [hit.past.name for hit in found.hits] == ["a", "b"]
    assert [miss.count for miss in found.misses] == [1]


def test_a_code_is_used_up_and_held_by_who_orders():
    offer = voucher("SPRING", TEN, quantity=1)

    found = backtest(facts(offer), [offer], [past("a", 1000), past("b", 1000)])

    assert hits(found) == [("a", 1000, 100)]
    assert [(one.check["check"], one.count) for one in found.misses] == [
        ("quantity", 1)
    ]


def test_of_several_offers_the_one_that_takes_off_most_applies_alone():
    ten, five = tier("ten", TEN), tier("five", amount_off(500))
    offers = [ten, five]

    found = backtest(facts(*offers), offers, [past("a", 1000), past("b", 9000)])

    assert hits(found) == [("b", 9000, 900), ("a", 1000, 500)]


def test_a_reason_that_several_offers_share_counts_once_for_an_order():
    rules = (ruled(EITHER),)
    offers = [tier(name, TEN, rules=rules) for name in ("one", "two")]

    found = backtest(facts(*offers), offers, [past("a", 1000, customer=ADA)])

    assert [miss.count for miss in found.misses] == [1, 1]


def test_an_offer_that_takes_nothing_off_is_not_had():
    offer = tier("ten", TEN)

    found = backtest(facts(offer), [offer], [past("a", 0)])

    assert (found.hits, [one.check["check"] for one in found.misses]) == (
        [],
        ["effect"],
    )
