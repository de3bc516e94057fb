import pytest

from campaigns.engine.rules import And, Key, Or, Rule, RuleSet
from redemptions.engine.judging import is_named, reads_result, without_rules
from tests.redemptions.engine.carts import assigned

RULES = {
    key: Rule(key, name, None, {})
    for key, name in (
        ("1", "customer.segment"),
        ("2", "order.amount"),
        ("3", "order.total_amount"),
    )
}


def a_set(logic):
    return assigned(rules=RuleSet(RULES, logic))


K1, K2, K3 = Key("1"), Key("2"), Key("3")


@pytest.mark.parametrize(
    ("logic", "names", "left", "omitted"),
    [
        (None, {"order.amount"}, None, ()),
        (K1, {"order.amount"}, K1, ()),
        (K2, {"order.amount"}, None, ("2",)),
        (And((K1, K2)), {"order.amount"}, And((K1,)), ("2",)),
        (And((K2, K3)), {"order.*"}, None, ("2", "3")),
        (Or((K1, K2)), {"order.amount"}, None, ("2",)),
        (Or((K1, K2)), {"order.total_amount"}, Or((K1, K2)), ()),
        (And((K3, Or((K1, K2)))), {"order.total_amount"}, And((Or((K1, K2)),)), ("3",)),
        (Key("9"), {"order.*"}, Key("9"), ()),
    ],
)
def test_omitted_rules_are_taken_for_granted(logic, names, left, omitted):
    kept, keys = without_rules(a_set(logic), names)

    assert kept.rules.logic == left
    assert keys == omitted
    assert kept.rules.rules == RULES


def test_a_name_or_its_family_is_named():
    assert is_named("order.amount", {"order.amount"})
    assert is_named("order.amount", {"order.*"})
    assert not is_named("order.amount", {"order", "customer.*"})
    assert not is_named("orders", {"order.*"})


def test_only_rules_of_the_logic_make_a_set_read_the_result():
    assert reads_result(a_set(And((K1, K3))))
    assert not reads_result(a_set(K1))
    assert not reads_result(a_set(None))
    assert not reads_result(a_set(Key("9")))
