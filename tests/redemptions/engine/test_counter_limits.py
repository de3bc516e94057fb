from dataclasses import replace

import pytest

from redemptions.engine.counter_limits import counter_limits
from tests.redemptions.engine.rule_cases import context, rule, rule_set

PER_CUSTOMER = "redemption.count.per_customer"
TODAY = "redemption.count.daily"
BY_ANN = ("v_1", "count:customer:1")
ON_THE_DAY = ("v_1", "count:d2027-03-17")
DISCOUNTED = ("v_1", "discounted")


def limits(*rules, logic=None, used=0, **rest):
    """The limits that a set of rules draws, each counter having been used so often."""
    keys = (BY_ANN, ON_THE_DAY, DISCOUNTED)
    where = context(used=dict.fromkeys(keys, used), **rest)
    usage = replace(where.usage, adds={"count": 1, "discounted": 900})
    definition = {str(number): each for number, each in enumerate(rules, 1)}
    if logic is not None:
        definition["logic"] = logic
    return counter_limits([rule_set(definition)], replace(where, usage=usage))


@pytest.mark.parametrize(
    ("conditions", "used", "limit"),
    [
        ({"$less_than_or_equal": [3]}, 0, 3),
        ({"$less_than": [3]}, 0, 2),
        ({"$is": [1]}, 0, 1),
        ({"$in": [1, 4]}, 0, 1),
        ({"$in": [1, 2, 4]}, 0, 2),
        ({"$is_not": [5]}, 0, 4),
        ({"$is_not": [5]}, 5, None),
        ({"$less_than": [5], "$less_than_or_equal": [2]}, 0, 2),
        ({"$more_than": [0]}, 0, None),
        ({}, 0, None),
    ],
)
def test_conditions_bound_the_count(conditions, used, limit):
    found = limits(rule(PER_CUSTOMER, conditions=conditions), used=used)

    assert found == ({} if limit is None else {BY_ANN: limit})


def at_most(number, name=PER_CUSTOMER, **rest):
    return rule(name, "$less_than_or_equal", number, **rest)


def test_without_counters_nothing_binds():
    assert limits(rule("order.amount", "$more_than", 1)) == {}
    assert counter_limits([], context()) == {}


def test_a_counter_of_somebody_unknown_does_not_bind():
    either = [at_most(1), rule("order.amount", "$more_than", 1)]

    assert limits(*either, logic="1 or 2", customer=None) == {}


@pytest.mark.spec("rules 5.1 `campaign.orders.amount_discounted`")
def test_a_budget_binds_in_money():
    budget = at_most(50_000, "campaign.orders.amount_discounted")

    assert limits(budget, used=49_100) == {DISCOUNTED: 50_000}


def test_both_counters_bind_when_both_must_hold():
    assert limits(at_most(1), at_most(5, TODAY)) == {BY_ANN: 1, ON_THE_DAY: 5}


def test_the_looser_of_two_alternatives_binds():
    assert limits(at_most(1), at_most(2), logic="1 or 2") == {BY_ANN: 2}


def test_an_alternative_that_holds_frees_the_counter():
    large, small = (rule("order.amount", "$more_than", n) for n in (1, 10**9))

    assert limits(at_most(1), large, logic="1 or 2") == {}
    assert limits(at_most(1), small, logic="1 or 2") == {BY_ANN: 1}


def test_of_two_counters_that_suffice_alone_the_second_binds():
    found = limits(at_most(1), at_most(5, TODAY), logic="1 or 2")

    assert found == {ON_THE_DAY: 5}


def test_a_counter_that_no_longer_suffices_leaves_the_other_to_bind():
    found = limits(at_most(1), at_most(9, TODAY), logic="1 or 2", used=5)

    assert found == {ON_THE_DAY: 9}


def test_counters_nested_in_other_rules_bind():
    any_bulb = rule("order.items.any", "$is", "prod_bulb", rules={"1": at_most(4)})
    an_order = rule("order.amount", "$more_than", 1, rules={"1": at_most(3)})

    assert limits(any_bulb) == {BY_ANN: 4}
    assert limits(an_order) == {BY_ANN: 3}


def test_the_strictest_of_several_sets_binds():
    where = context()
    sets = [rule_set({"1": at_most(number)}) for number in (4, 2)]

    assert counter_limits(sets, where) == {BY_ANN: 2}
