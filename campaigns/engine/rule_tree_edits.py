"""What a person does to a tree of rules: add, remove, move, group.

Each edit returns another tree. One that makes no sense where it is asked for, such as
moving the first rule up, returns the tree as it is.
"""

from collections.abc import Callable
from dataclasses import replace

from campaigns.engine.rule_tree import Group, Join, Leaf, Node, Tree

Members = tuple[Node, ...]
Edit = Callable[[Members, int], Members]


def changed(tree: Tree, node_id: str, change: Callable[[Node], Node]) -> Tree:
    """Return the tree with one rule or group changed, wherever it stands."""
    if tree.root.id == node_id:
        root = change(tree.root)
        return replace(tree, root=root) if isinstance(root, Group) else tree
    return _edited(tree, node_id, lambda members, at: _put(members, at, change))


def add(tree: Tree, group_id: str, node: Node) -> Tree:
    """Return the tree with ``node`` at the end of a group."""

    def grown(group: Node) -> Node:
        if isinstance(group, Leaf):
            return group
        return replace(group, members=(*group.members, node))

    return changed(tree, group_id, grown)


def remove(tree: Tree, node_id: str) -> Tree:
    """Return the tree without a rule, or without a group and all that is in it."""
    kept = tuple(leaf for leaf in tree.aside if leaf.id != node_id)
    cut = _edited(replace(tree, aside=kept), node_id, _without)
    return _without_hollow_sets(cut)


def move(tree: Tree, node_id: str, by: int) -> Tree:
    """Return the tree with a node moved among its neighbours, ``by`` -1 or 1."""

    def moved(members: Members, at: int) -> Members:
        to = at + by
        if not 0 <= to < len(members):
            return members
        others = list(_without(members, at))
        others.insert(to, members[at])
        return tuple(others)

    return _edited(tree, node_id, moved)


def move_in(tree: Tree, node_id: str, new_id: str) -> Tree:
    """Return the tree with a node one group deeper.

    It goes to the end of the group before it, else into a new group of its own, whose
    id is ``new_id`` and whose members are joined the other way.
    """

    def deeper(members: Members, at: int, join: Join) -> Members:
        before = members[at - 1] if at else None
        if isinstance(before, Group):
            grown = replace(before, members=(*before.members, members[at]))
            return (*members[: at - 1], grown, *members[at + 1 :])
        own = Group(_other(join), (members[at],), new_id)
        return (*members[:at], own, *members[at + 1 :])

    return _edited_in_group(tree, node_id, deeper)


def move_out(tree: Tree, node_id: str) -> Tree:
    """Return the tree with a node behind the group that it was in."""

    def lifted(members: Members, at: int) -> Members:
        inner: Members = getattr(members[at], "members", ())
        kept = tuple(each for each in inner if each.id != node_id)
        taken = tuple(each for each in inner if each.id == node_id)
        left = [
            replace(each, members=kept)
            for each in members[at : at + 1]
            if isinstance(each, Group) and kept
        ]
        return (*members[:at], *left, *taken, *members[at + 1 :])

    return _edited(tree, group_of(tree, node_id), lifted)


def take_up(tree: Tree, leaf_id: str) -> Tree:
    """Return the tree with a rule that was aside at the end of those that count."""
    taken = tuple(leaf for leaf in tree.aside if leaf.id == leaf_id)
    kept = tuple(leaf for leaf in tree.aside if leaf.id != leaf_id)
    root = replace(tree.root, members=(*tree.root.members, *taken))
    return Tree(root, kept)


def group_of(tree: Tree, node_id: str) -> str:
    """Return the id of the group in which a node stands, empty for none."""
    around = (
        one.id for one in _groups(tree) if _place(one.members, node_id) is not None
    )
    return next(around, "")


def ids_in(tree: Tree) -> set[str]:
    """Return the ids of all groups and rules, those aside and nested ones too."""
    found = {group.id for group in _groups(tree)}
    return found | {leaf.id for leaf in _every_leaf(tree)}


def with_ids(tree: Tree, prefix: str = "n") -> Tree:
    """Return the tree with ids on everything that has none."""
    taken = ids_in(tree)
    free = (f"{prefix}{number}" for number in range(1, 1_000_000))
    fresh = (each for each in free if each not in taken)

    def named(node: Node) -> Node:
        node = replace(node, id=node.id or next(fresh))
        if isinstance(node, Leaf):
            return replace(node, nested=named_set(node.nested)) if node.nested else node
        return replace(node, members=tuple(named(each) for each in node.members))

    def named_set(one: Tree) -> Tree:
        root, aside = named(one.root), tuple(named(each) for each in one.aside)
        return Tree(
            root if isinstance(root, Group) else one.root,
            tuple(each for each in aside if isinstance(each, Leaf)),
        )

    return named_set(tree)


def _other(join: Join) -> Join:
    return Join.AND if join is Join.OR else Join.OR


def _without(members: Members, at: int) -> Members:
    return (*members[:at], *members[at + 1 :])


def _put(members: Members, at: int, change: Callable[[Node], Node]) -> Members:
    return (*members[:at], change(members[at]), *members[at + 1 :])


def _place(members: Members, node_id: str) -> int | None:
    return next((at for at, each in enumerate(members) if each.id == node_id), None)


def _edited(tree: Tree, node_id: str, edit: Edit) -> Tree:
    return _edited_in_group(tree, node_id, lambda members, at, _: edit(members, at))


def _edited_in_group(
    tree: Tree, node_id: str, edit: Callable[[Members, int, Join], Members]
) -> Tree:
    """Return the tree with the members changed among which the node stands."""

    def inside(node: Node) -> Node:
        if isinstance(node, Leaf):
            return replace(node, nested=in_set(node.nested)) if node.nested else node
        at = _place(node.members, node_id)
        if at is not None:
            return replace(node, members=edit(node.members, at, node.join))
        return replace(node, members=tuple(inside(each) for each in node.members))

    def in_set(one: Tree) -> Tree:
        root = inside(one.root)
        return replace(one, root=root) if isinstance(root, Group) else one

    return in_set(tree)


def _groups(tree: Tree) -> list[Group]:
    found = [tree.root]
    for member in tree.root.members:
        if isinstance(member, Group):
            found += _groups(Tree(member))
        elif member.nested is not None:
            found += _groups(member.nested)
    return found


def _every_leaf(tree: Tree) -> list[Leaf]:
    found: list[Leaf] = []
    for leaf in tree.leaves:
        found.append(leaf)
        if leaf.nested is not None:
            found += _every_leaf(leaf.nested)
    return found


def _without_hollow_sets(tree: Tree) -> Tree:
    """Return the tree in which no rule holds a set of nothing."""

    def tidy(node: Node) -> Node:
        if isinstance(node, Group):
            return replace(node, members=tuple(tidy(each) for each in node.members))
        if node.nested is None:
            return node
        inner = _without_hollow_sets(node.nested)
        return replace(node, nested=inner if inner.leaves else None)

    root = tidy(tree.root)
    return replace(tree, root=root) if isinstance(root, Group) else tree
