"""What keeps one rule of a tree from being stored, and where in it that is.

The same checks as on saving, asked of one rule and one condition at a time, so that
what is wrong can be said beside what is wrong.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from campaigns.engine.declared_types import check_declared
from campaigns.engine.rule_parsing import parse_rules
from campaigns.engine.rule_tree import Group, Leaf, Node, Tree, Values
from promo.comparison import Kind
from promo.errors import PromoError

PROPERTY = "property"
EMPTY_GROUP = "This group is empty: add a condition, or remove it."
_PATH = re.compile(r"^Property \.rules\S* ")
_ANY_KEY = "any"
_RULE = re.compile(r"^Rule '[^']*' ")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a rule or group, by its id.

    ``place`` is ``property``, or the position of the condition as text, or empty for
    the whole of it.
    """

    node_id: str
    place: str
    text: str


def problems_in(
    tree: Tree, kinds: Mapping[str, Mapping[str, Kind]]
) -> tuple[Problem, ...]:
    """Return everything that keeps a tree from being stored as a person means it.

    ``kinds`` maps a resource and a metadata path to the declared type.
    """
    found = list(_of_group(tree.root, kinds, is_root=True))
    for leaf in tree.aside:
        found += _of_leaf(leaf, kinds)
    return tuple(found)


def _of_group(
    group: Group, kinds: Mapping[str, Mapping[str, Kind]], *, is_root: bool
) -> Iterator[Problem]:
    if not group.members and not is_root:
        yield Problem(group.id, "", EMPTY_GROUP)
    for member in group.members:
        yield from _of_node(member, kinds)


def _of_node(node: Node, kinds: Mapping[str, Mapping[str, Kind]]) -> Iterator[Problem]:
    if isinstance(node, Group):
        yield from _of_group(node, kinds, is_root=False)
    else:
        yield from _of_leaf(node, kinds)


def _of_leaf(leaf: Leaf, kinds: Mapping[str, Mapping[str, Kind]]) -> Iterator[Problem]:
    whole = _refused(leaf, {}, kinds)
    if whole:
        yield Problem(leaf.id, PROPERTY, whole)
    for place, (operator, values) in enumerate(leaf.conditions):
        text = _refused(leaf, {operator: values}, kinds, path=leaf.property or _ANY_KEY)
        if text:
            yield Problem(leaf.id, str(place), text)
    if leaf.nested is not None:
        yield from problems_in(leaf.nested, kinds)


def _refused(
    leaf: Leaf,
    conditions: Mapping[str, Values],
    kinds: Mapping[str, Mapping[str, Kind]],
    path: str | None = None,
) -> str:
    """Return what the checks say about a rule with these conditions alone."""
    rule = {
        "name": leaf.name,
        "property": path or leaf.property,
        "conditions": {name: list(values) for name, values in conditions.items()},
    }
    try:
        check_declared(parse_rules({"1": rule}), kinds)
    except PromoError as refused:
        said = _RULE.sub("", _PATH.sub("", refused.details or refused.message))
        return f"{said[:1].upper()}{said[1:]}."
    return ""
