"""What is wrong with a rule is said where it is wrong."""

from campaigns.engine.rule_problems import EMPTY_GROUP, Problem, problems_in
from campaigns.engine.rule_tree import Group, Join, Leaf, Tree
from promo.comparison import Kind


def said(*leaves, kinds=None, aside=()):
    found = problems_in(Tree(Group(Join.AND, leaves), aside), kinds or {})
    return [(each.node_id, each.place, each.text) for each in found]


def amount(*values, **more):
    return Leaf("order.amount", None, (("$is", values),), id="n1", **more)


def test_a_complete_rule_has_no_problem():
    assert said(amount(5)) == []
    assert said() == []


def test_values_are_judged_one_condition_at_a_time():
    leaf = Leaf(
        "order.amount",
        None,
        (("$more_than", ("x",)), ("$is", ()), ("$in", (1,))),
        id="n",
    )

    assert said(leaf) == [
        ("n", "0", "Must be integer."),
        ("n", "1", "Must have at least one value."),
    ]
    assert said(amount(1, 2)) == [("n1", "0", "Must have exactly one value.")]


def test_metadata_need_a_key():
    leaf = Leaf("customer.metadata", "", (("$is", ("gold",)),), id="n2")

    assert said(leaf) == [("n2", "property", "Must have a 'property'.")]


def test_declared_types_count():
    leaf = Leaf("customer.metadata", "vip", (("$more_than", (1,)),), id="n3")

    [(node, place, text)] = said(leaf, kinds={"customer": {"vip": Kind.BOOLEAN}})

    assert (node, place) == ("n3", "0")
    assert text == "Cannot be asked of vip, which is declared as boolean."


def test_groups_nested_rules_and_rules_aside_are_looked_at():
    nested = Tree(Group(Join.AND, (amount("x"),)))
    items = Leaf("order.items.any", nested=nested, id="n4")
    hollow = Group(Join.OR, (), "n5")

    found = problems_in(Tree(Group(Join.AND, (items, hollow)), (amount(),)), {})

    assert found == (
        Problem("n1", "0", "Must be integer."),
        Problem("n5", "", EMPTY_GROUP),
        Problem("n1", "0", "Must have at least one value."),
    )
