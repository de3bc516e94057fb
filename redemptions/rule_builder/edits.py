"""The buttons of the builder: each names what to do, and to which rule or group."""

from collections.abc import Callable
from dataclasses import replace

from campaigns.engine.rule_catalogue import CATALOGUE
from campaigns.engine.rule_tree import Group, Join, Leaf, Node, Tree
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
from redemptions.engine.rule_inputs import operators_for
from redemptions.rule_builder.fields import (
    ROOT,
    can_be_chosen,
    chosen_text,
    json_of,
    new_leaf,
)

FIRST_RULE = "order.amount"
#: The rule that somebody gets first for the items that another rule found.
FIRST_NESTED = "order.items.aggregated_quantity"


def edited(tree: Tree, what: str) -> tuple[Tree, str]:
    """Return the tree after a button, and the id to go on with.

    ``what`` is the verb, the node, and what else the verb needs: ``rule:n3`` adds a
    rule to the group ``n3``. What cannot be done, or is not known, changes nothing.
    """
    verb, _, rest = what.partition(":")
    node_id, _, extra = rest.partition(":")
    edit = _EDITS.get(verb)
    if edit is None:
        return tree, ""
    done, focus = edit(tree, node_id, extra)
    return with_ids(done), focus


def _fresh(tree: Tree) -> str:
    taken = ids_in(tree)
    return next(f"n{i}" for i in range(1, len(taken) + 2) if f"n{i}" not in taken)


def _rule(tree: Tree, group_id: str, name: str) -> tuple[Tree, str]:
    fresh = _fresh(tree)
    leaf = new_leaf(name if name in CATALOGUE else FIRST_RULE, fresh)
    return add(tree, group_id or ROOT, leaf), fresh


def _group(tree: Tree, group_id: str, _: str) -> tuple[Tree, str]:
    fresh = _fresh(tree)
    inner = Group(Join.OR, (), fresh)

    def with_group(node: Node) -> Node:
        if isinstance(node, Leaf):
            return node
        join = Join.AND if node.join is Join.OR else Join.OR
        return replace(node, members=(*node.members, replace(inner, join=join)))

    return _rule(changed(tree, group_id or ROOT, with_group), fresh, "")


def _nested(tree: Tree, leaf_id: str, _: str) -> tuple[Tree, str]:
    leaf = new_leaf(FIRST_NESTED, _fresh(tree))

    def with_set(node: Node) -> Node:
        if isinstance(node, Group):
            return node
        inner = node.nested or Tree()
        root = replace(inner.root, members=(*inner.root.members, leaf))
        return replace(node, nested=replace(inner, root=root))

    return changed(tree, leaf_id, with_set), leaf.id


def _condition(tree: Tree, leaf_id: str, _: str) -> tuple[Tree, str]:
    def with_one_more(leaf: Leaf) -> Leaf:
        used = dict(leaf.conditions)
        free = [one for one in operators_for(CATALOGUE[leaf.name]) if one not in used]
        if not free:
            return leaf
        return replace(leaf, conditions=(*leaf.conditions, (free[0], ())))

    return _on_leaf(tree, leaf_id, with_one_more), leaf_id


def _drop(tree: Tree, leaf_id: str, at: str) -> tuple[Tree, str]:
    def without(leaf: Leaf) -> Leaf:
        kept = [each for i, each in enumerate(leaf.conditions) if str(i) != at]
        return replace(leaf, conditions=tuple(kept))

    return _on_leaf(tree, leaf_id, without), leaf_id


def _pick(tree: Tree, leaf_id: str, extra: str) -> tuple[Tree, str]:
    """Add a chosen value to a condition; choosing it twice adds it once."""
    at, _, text = extra.partition(":")
    value = json_of(text, None)
    if not can_be_chosen(value):
        return tree, leaf_id

    def with_value(leaf: Leaf) -> Leaf:
        conditions = [
            (op, _with(values, value) if str(i) == at else values)
            for i, (op, values) in enumerate(leaf.conditions)
        ]
        return replace(leaf, conditions=tuple(conditions))

    return _on_leaf(tree, leaf_id, with_value), leaf_id


def _unpick(tree: Tree, leaf_id: str, extra: str) -> tuple[Tree, str]:
    at, _, place = extra.partition(":")

    def without(leaf: Leaf) -> Leaf:
        conditions = [
            (
                op,
                tuple(
                    v for n, v in enumerate(values) if (str(i), str(n)) != (at, place)
                ),
            )
            for i, (op, values) in enumerate(leaf.conditions)
        ]
        return replace(leaf, conditions=tuple(conditions))

    return _on_leaf(tree, leaf_id, without), leaf_id


def _moved(tree: Tree, node_id: str, by: int) -> tuple[Tree, str]:
    """Move a node; the button that nobody can press again loses the focus."""
    done = move(tree, node_id, by)
    return done, node_id if move(done, node_id, by) == done else ""


def _with(values: tuple[object, ...], value: object) -> tuple[object, ...]:
    known = {chosen_text(each) for each in values}
    return values if chosen_text(value) in known else (*values, value)


def _without(values: tuple[object, ...], place: str) -> tuple[object, ...]:
    return tuple(value for at, value in enumerate(values) if str(at) != place)


def _on_leaf(tree: Tree, leaf_id: str, change: Callable[[Leaf], Leaf]) -> Tree:
    aside = tuple(change(each) if each.id == leaf_id else each for each in tree.aside)
    return changed(
        replace(tree, aside=aside),
        leaf_id,
        lambda node: change(node) if isinstance(node, Leaf) else node,
    )


_EDITS: dict[str, Callable[[Tree, str, str], tuple[Tree, str]]] = {
    "rule": _rule,
    "group": _group,
    "nested": _nested,
    "condition": _condition,
    "drop": _drop,
    "pick": _pick,
    "unpick": _unpick,
    "remove": lambda tree, node_id, _: (remove(tree, node_id), group_of(tree, node_id)),
    "up": lambda tree, node_id, _: _moved(tree, node_id, -1),
    "down": lambda tree, node_id, _: _moved(tree, node_id, 1),
    "in": lambda tree, node_id, _: (move_in(tree, node_id, _fresh(tree)), ""),
    "out": lambda tree, node_id, _: (move_out(tree, node_id), ""),
    "use": lambda tree, node_id, _: (take_up(tree, node_id), node_id),
}
