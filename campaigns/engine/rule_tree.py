"""A rule definition as a tree of groups, the way a person builds it, and back.

The wire form keeps rules under keys and joins them by an expression over the keys; a
tree holds them where they stand. Both say the same: reading what a tree was written
as gives the tree again.

Source: rules specification, "Grammar".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Union

from campaigns.engine.logic import parse_logic
from campaigns.engine.rules import Key, Logic, Or, key_order, keys_of

Json = dict[str, Any]
Values = tuple[Any, ...]
_LOGIC = "logic"


class Join(StrEnum):
    """How the members of a group go together."""

    AND = "and"
    OR = "or"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One rule: what it looks at and what must hold.

    ``conditions`` are operators with their values, as stored; all must hold.
    ``nested`` are the rules about the items that it finds. ``message`` is what the
    customer is told. ``id`` is how a page calls it and no part of what it says.
    """

    name: str
    property: str | None = None
    conditions: tuple[tuple[str, Values], ...] = ()
    nested: "Tree | None" = None
    message: str | None = None
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """Rules and groups of which all (``and``) or at least one (``or``) must hold."""

    join: Join = Join.AND
    members: tuple["Node", ...] = ()
    id: str = field(default="", compare=False)


Node = Union[Leaf, Group]  # noqa: UP007 - a recursive alias


@dataclass(frozen=True, slots=True)
class Tree:
    """A whole set; ``aside`` are rules that it keeps and does not look at."""

    root: Group = Group()
    aside: tuple[Leaf, ...] = ()

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The rules in the order of their keys, those aside last."""
        return (*_leaves_of(self.root), *self.aside)

    @property
    def keyed(self) -> dict[str, Leaf]:
        """The rules by the keys that ``definition_of`` gives them."""
        return {str(number): leaf for number, leaf in enumerate(self.leaves, 1)}


def tree_of(definition: Mapping[str, Any]) -> Tree:
    """Read a definition that ``canonical_rules`` has accepted.

    A rule that the expression names twice stands in the tree twice.
    """
    keys = sorted((key for key in definition if key != _LOGIC), key=key_order)
    logic = parse_logic(str(definition.get(_LOGIC) or ""))
    if logic is None:
        return Tree(Group(Join.AND, tuple(_leaf(definition[key]) for key in keys)))
    used = set(keys_of(logic))
    aside = tuple(_leaf(definition[key]) for key in keys if key not in used)
    read = _node(logic, definition)
    return Tree(read if isinstance(read, Group) else Group(Join.AND, (read,)), aside)


def definition_of(tree: Tree) -> Json:
    """Write a tree as the API takes it; one without rules is empty.

    Groups without members say nothing and are left out, and so are rules aside of
    nothing: an expression that reads no rule cannot be written.
    """
    root = pruned(tree.root)
    if not root.members:
        return {}
    numbers = iter(range(1, len(tree.leaves) + 1))
    logic = _expression(root, numbers, is_inner=False)
    keyed: Json = {key: _rule(leaf) for key, leaf in tree.keyed.items()}
    return {**keyed, _LOGIC: logic}


def both(first: Tree, second: Sequence[Leaf]) -> Tree:
    """Return a tree that asks for all of ``first`` and for all of ``second``."""
    if not second:
        return first
    root = pruned(first.root)
    if root.join is Join.OR and len(root.members) > 1:
        root = Group(Join.AND, (root,))
    return Tree(Group(Join.AND, (*root.members, *second)), first.aside)


def pruned(group: Group) -> Group:
    """Return a group without the empty groups in it."""
    members = []
    for member in group.members:
        kept = pruned(member) if isinstance(member, Group) else member
        if isinstance(kept, Leaf) or kept.members:
            members.append(kept)
    return Group(group.join, tuple(members), group.id)


def _leaves_of(node: Node) -> Iterator[Leaf]:
    if isinstance(node, Leaf):
        yield node
        return
    for member in node.members:
        yield from _leaves_of(member)


def _node(logic: Logic, definition: Mapping[str, Any]) -> Node:
    if isinstance(logic, Key):
        return _leaf(definition[logic.key])
    join = Join.OR if isinstance(logic, Or) else Join.AND
    return Group(join, tuple(_node(part, definition) for part in logic.operands))


def _leaf(rule: Mapping[str, Any]) -> Leaf:
    nested = rule.get("rules")
    conditions = (rule.get("conditions") or {}).items()
    return Leaf(
        name=rule["name"],
        property=rule.get("property"),
        conditions=tuple((operator, tuple(values)) for operator, values in conditions),
        nested=tree_of(nested) if nested else None,
        message=(rule.get("error") or {}).get("message") or None,
    )


def _rule(leaf: Leaf) -> Json:
    rule: Json = {
        "name": leaf.name,
        "property": leaf.property,
        "conditions": {operator: list(values) for operator, values in leaf.conditions},
    }
    nested = definition_of(leaf.nested) if leaf.nested else {}
    if nested:
        rule["rules"] = nested
    if leaf.message:
        rule["error"] = {"message": leaf.message}
    return rule


def _expression(node: Node, numbers: Iterator[int], *, is_inner: bool) -> str:
    if isinstance(node, Leaf):
        return str(next(numbers))
    parts = [_expression(each, numbers, is_inner=True) for each in node.members]
    text = f" {node.join} ".join(parts)
    return f"({text})" if is_inner and len(parts) > 1 else text
