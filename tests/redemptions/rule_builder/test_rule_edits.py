"""The buttons of the builder."""

import pytest

from campaigns.engine.rule_tree import Group, Join, Leaf, Tree, definition_of
from redemptions.rule_builder.edits import edited
from redemptions.rule_builder.fields import ROOT

BIG = Leaf("order.amount", None, (("$more_than", (5000,)),), id="n1")
ITEMS = Leaf("order.items.any", None, (("$is", ()),), id="n2")
TREE = Tree(Group(Join.AND, (BIG, ITEMS), ROOT), (Leaf("order.items.count", id="n9"),))


def after(*buttons, tree=TREE):
    focus = ""
    for button in buttons:
        tree, focus = edited(tree, button)
    return tree, focus


def test_a_rule_starts_with_what_was_asked_for_or_with_the_order_amount():
    tree, focus = after("rule:root:customer.segment", "rule:root:order.unheard_of")

    assert [leaf.name for leaf in tree.root.members[2:]] == [
        "customer.segment",
        "order.amount",
    ]
    assert focus == tree.root.members[3].id
    assert after("rule:", tree=Tree(Group(id=ROOT)))[0].root.members[0].id == "n1"


def test_a_group_is_joined_the_other_way_and_holds_a_rule():
    tree, _ = after("group:root")
    outer = tree.root.members[2]

    assert (outer.join, len(outer.members)) == (Join.OR, 1)
    deeper, _ = after(f"group:{outer.id}", tree=tree)
    assert deeper.root.members[2].members[1].join is Join.AND
    assert after("group:n1")[0].root.members[0] == BIG


def test_the_items_found_are_asked_about():
    tree, focus = after("nested:n2", "nested:n2", "nested:root")

    nested = tree.root.members[1].nested
    assert [leaf.name for leaf in nested.root.members] == [
        "order.items.aggregated_quantity",
        "order.items.aggregated_quantity",
    ]
    assert len({leaf.id for leaf in nested.root.members} | {nested.root.id}) == 3
    assert focus


def test_conditions_come_and_go_until_every_operator_is_used():
    tree, _ = after(*["condition:n1"] * 12)

    assert len(tree.root.members[0].conditions) == 8
    assert after("drop:n1:0")[0].root.members[0].conditions == ()
    assert after("condition:root")[0] == TREE


def test_values_are_chosen_once_and_taken_back():
    tree, focus = after(
        'pick:n2:0:"prod_1"', 'pick:n2:0:"prod_2"', 'pick:n2:0:"prod_1"'
    )

    assert focus == "n2"
    assert tree.root.members[1].conditions == (("$is", ("prod_1", "prod_2")),)
    fewer, _ = after("unpick:n2:0:0", tree=tree)
    assert fewer.root.members[1].conditions == (("$is", ("prod_2",)),)
    assert after("unpick:n2:1:0", tree=tree)[0] == tree
    assert after("pick:n2:0:{")[0] == TREE
    assert after('pick:n2:7:"x"')[0] == TREE


def test_nodes_move_and_the_focus_stays_where_it_can():
    down, focus = after("down:n1")
    assert [leaf.id for leaf in down.root.members] == ["n2", "n1"]
    assert focus == "n1"
    three = after("rule:root:order.amount")[0]
    assert after("down:n1", tree=three)[1] == ""
    assert after("up:n2")[0].root.members[0].id == "n2"
    assert after("in:n1")[0].root.members[0].members == (BIG,)
    assert after("in:n1", "out:n1")[0].root.members == (BIG, ITEMS)


def test_removing_leads_to_the_group():
    tree, focus = after("remove:n1")

    assert ([leaf.id for leaf in tree.root.members], focus) == (["n2"], ROOT)


def test_a_rule_from_aside_is_taken_in():
    tree, _ = after("use:n9")

    assert tree.aside == ()
    assert definition_of(tree)["3"]["name"] == "order.items.count"


@pytest.mark.parametrize("what", ["", "shape", "check", "explode:n1", "up:nobody"])
def test_what_makes_no_sense_changes_nothing(what):
    assert after(what)[0] == TREE
