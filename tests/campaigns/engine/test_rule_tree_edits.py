"""What a person does to a tree of rules."""

from dataclasses import replace

from campaigns.engine.rule_tree import Group, Join, Leaf, Tree
from campaigns.engine.rule_tree_edits import (
    add,
    changed,
    group_of,
    ids_in,
    move,
    move_in,
    move_out,
    remove,
    take_up,
    with_ids,
)


def leaf(name, nested=None):
    return Leaf(name, nested=nested, id=name)


def group(name, *members, join=Join.AND):
    return Group(join, members, name)


A, B, C = leaf("a"), leaf("b"), leaf("c")
INNER = group("inner", B, C, join=Join.OR)
TREE = Tree(group("root", A, INNER))
ITEMS = leaf("items", Tree(group("found", leaf("x"), leaf("y"))))


def outline(node):
    """Return a tree as nested lists of ids, so that ids count."""
    if isinstance(node, Tree):
        return outline(node.root)
    if isinstance(node, Leaf):
        return (node.id, outline(node.nested)) if node.nested else node.id
    return [node.id, *map(outline, node.members)]


def test_rules_are_added_to_the_end_of_a_group():
    assert outline(add(TREE, "inner", leaf("d"))) == [
        "root",
        "a",
        ["inner", "b", "c", "d"],
    ]
    assert outline(add(TREE, "root", leaf("d")))[-1] == "d"
    assert add(TREE, "a", leaf("d")) == TREE


def test_a_node_is_changed_wherever_it_stands():
    nested = Tree(group("root", ITEMS))

    louder = changed(nested, "x", lambda node: replace(node, message="!"))

    assert louder.root.members[0].nested.root.members[0].message == "!"
    assert changed(TREE, "root", lambda _: A) == TREE
    assert changed(TREE, "nobody", lambda _: A) == TREE


def test_removing_takes_all_that_is_in_it():
    assert outline(remove(TREE, "inner")) == ["root", "a"]
    assert outline(remove(TREE, "b")) == ["root", "a", ["inner", "c"]]
    assert remove(Tree(aside=(A, B)), "a") == Tree(aside=(B,))


def test_a_rule_whose_nested_rules_are_all_gone_has_none():
    tree = Tree(group("root", ITEMS, INNER))

    assert outline(remove(tree, "x"))[1] == ("items", ["found", "y"])
    assert outline(remove(remove(tree, "x"), "y"))[1] == "items"


def test_nodes_move_among_their_neighbours_and_no_further():
    assert outline(move(TREE, "inner", -1)) == ["root", ["inner", "b", "c"], "a"]
    assert outline(move(TREE, "b", 1)) == ["root", "a", ["inner", "c", "b"]]
    assert move(TREE, "a", -1) == TREE
    assert move(TREE, "c", 1) == TREE


def test_a_node_goes_into_the_group_before_it_or_into_one_of_its_own():
    behind = Tree(group("root", A, INNER, leaf("d")))

    assert outline(move_in(behind, "d", "new")) == [
        "root",
        "a",
        ["inner", "b", "c", "d"],
    ]
    own = move_in(TREE, "a", "new")
    assert outline(own) == ["root", ["new", "a"], ["inner", "b", "c"]]
    assert own.root.members[0].join is Join.OR
    assert move_in(TREE, "b", "new").root.members[1].members[0].join is Join.AND


def test_a_node_comes_out_behind_its_group_and_an_empty_group_goes():
    assert outline(move_out(TREE, "b")) == ["root", "a", ["inner", "c"], "b"]
    assert outline(move_out(move_out(TREE, "b"), "c")) == ["root", "a", "c", "b"]
    assert move_out(TREE, "a") == TREE
    assert move_out(TREE, "nobody") == TREE
    nested = Tree(group("root", ITEMS))
    assert outline(move_out(nested, "x")) == outline(nested)


def test_a_rule_that_was_aside_is_taken_in():
    assert take_up(Tree(group("root", A), (B, C)), "b") == Tree(
        group("root", A, B), (C,)
    )


def test_groups_are_found_wherever_a_node_stands():
    tree = Tree(group("root", ITEMS, INNER))

    assert [group_of(tree, each) for each in ("items", "x", "c", "root")] == [
        "root",
        "found",
        "inner",
        "",
    ]


def test_ids_are_given_to_what_has_none_and_never_twice():
    bare = Leaf("x", nested=Tree(Group(Join.AND, (Leaf("y"),)), (Leaf("z"),)))
    tree = Tree(Group(Join.AND, (replace(A, id="n2"), bare), "root"), (Leaf("w"),))

    named = with_ids(tree)

    assert named == tree
    assert ids_in(named) == {"root", "n1", "n2", "n3", "n4", "n5", "n6"}
    assert outline(with_ids(named)) == outline(named)
