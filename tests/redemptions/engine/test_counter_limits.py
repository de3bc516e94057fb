import pytest

from campaigns.engine.rules import And, Key, Or, Rule, RuleSet
from redemptions.engine.counter_limits import customer_limits
from tests.redemptions.engine.carts import assigned

PER_CUSTOMER = "redemption.count.per_customer"
IN_CAMPAIGN = "campaign.redemptions.customers_count"


def rule(key, name=PER_CUSTOMER, **conditions):
    return Rule(
        key, name, None, {f"${op}": values for op, values in conditions.items()}
    )


def limits(logic, *rules, **leaves):
    rule_set = RuleSet({each.key: each for each in rules}, logic)
    held = {each.key: leaves.get(f"k{each.key}", True) for each in rules}
    found = customer_limits([assigned(rules=rule_set)], {"val_1": held})
    return found["incentive"], found["campaign"]


@pytest.mark.parametrize(
    ("conditions", "limit"),
    [
        ({"less_than_or_equal": (3,)}, 3),
        ({"less_than_or_equal": ("2.5",)}, 2),
        ({"less_than": (3,)}, 2),
        ({"less_than": ("2.5",)}, 2),
        ({"is": (1,)}, 1),
        ({"in": (1, 4)}, 4),
        ({"less_than": (5,), "less_than_or_equal": (2,)}, 2),
        ({"more_than": (1,)}, None),
        ({"less_than": ()}, None),
        ({"is": ()}, None),
    ],
)
def test_conditions_bound_the_count(conditions, limit):
    assert limits(Key("1"), rule("1", **conditions)) == (limit, None)


ONE = rule("1", less_than_or_equal=(1,))
TWO = rule("2", less_than_or_equal=(2,))
IN_CAMPAIGN_FIVE = rule("3", IN_CAMPAIGN, less_than_or_equal=(5,))
OTHER = rule("4", "order.amount", more_than=(1,))


def test_without_logic_or_counters_nothing_binds():
    assert limits(None, ONE) == (None, None)
    assert limits(Key("4"), OTHER) == (None, None)
    assert customer_limits([], {}) == {"incentive": None, "campaign": None}


def test_both_counters_bind_when_both_must_hold():
    assert limits(And((Key("1"), Key("3"))), ONE, IN_CAMPAIGN_FIVE) == (1, 5)


def test_the_looser_of_two_alternatives_binds():
    assert limits(Or((Key("1"), Key("2"))), ONE, TWO) == (2, None)


def test_an_alternative_that_holds_frees_the_counter():
    either = Or((Key("1"), Key("4")))

    assert limits(either, ONE, OTHER) == (None, None)
    assert limits(either, ONE, OTHER, k4=False) == (1, None)


def test_of_two_counters_that_suffice_alone_the_second_binds():
    either = Or((Key("1"), Key("3")))

    assert limits(either, ONE, IN_CAMPAIGN_FIVE) == (None, 5)


def test_the_strictest_of_several_sets_binds():
    sets = [
        assigned(rules=RuleSet({"1": each}, Key("1")), rule_id=name)
        for each, name in (
            (ONE, "val_1"),
            (rule("1", less_than_or_equal=(9,)), "val_2"),
        )
    ]

    assert customer_limits(sets, {"val_1": {"1": True}, "val_2": {"1": True}}) == {
        "incentive": 1,
        "campaign": None,
    }


def test_a_set_that_cannot_hold_gives_no_limit():
    assert limits(And((Key("1"), Key("4"))), ONE, OTHER, k4=False) == (None, None)
