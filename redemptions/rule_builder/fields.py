"""A tree of rules as the fields of a page, and back.

Each group and rule has an id; the fields of one are named after it. ``node`` lists the
ids in the order of the page and ``in.<id>`` says what each stands in: a group, a rule
(as its nested set), or ``aside``.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.http import QueryDict

from campaigns.engine.rule_catalogue import CATALOGUE, Operand
from campaigns.engine.rule_tree import Group, Join, Leaf, Node, Tree, Values
from redemptions.engine.rule_inputs import (
    Input,
    Kinds,
    declared_kind,
    first_operator,
    input_for,
    takes_many,
    text_of,
    value_from,
)

ROOT = "root"
ASIDE = "aside"
_MOST_NODES = 500
#: Groups and nested sets that stand in each other; an expression can say no more.
_MOST_DEPTH = 30
#: Characters that the database cannot keep, as JSON writes them.
_UNSTORABLE = re.compile(r"\\u(0000|d[89a-f])", re.IGNORECASE)
#: Inputs whose values are chosen and come back as they were.
CHOSEN = frozenset({Input.ITEMS, Input.SEGMENTS})


def read_tree(sent: QueryDict, kinds: Kinds) -> Tree:
    """Return the tree that a page shows; names nobody knows are left out."""
    reading = _Reading(sent, kinds)
    return reading.set_of("")


def new_leaf(name: str, node_id: str = "") -> Leaf:
    """Return a rule as it is when somebody chooses it: one condition, no value yet."""
    kind = CATALOGUE[name]
    values: Values = (True,) if kind.operand is Operand.BOOLEAN else ()
    path = "" if kind.needs_property else None
    return Leaf(name, path, ((first_operator(kind), values),), id=node_id)


class _Reading:
    """One page as it was sent."""

    def __init__(self, sent: QueryDict, kinds: Kinds) -> None:
        self.sent = sent
        self.kinds = kinds
        self.depth = 0
        self.inside: dict[str, list[str]] = {}
        for node_id in dict.fromkeys(sent.getlist("node")[:_MOST_NODES]):
            self.inside.setdefault(self.text(f"in.{node_id}"), []).append(node_id)
        # What stands in itself is reached from nowhere, so that this comes to an end.

    def text(self, name: str) -> str:
        return self.sent.get(name, "") or ""

    def set_of(self, parent: str) -> Tree:
        roots = [each for each in self.inside.get(parent, ()) if self.is_group(each)]
        root = self.node(roots[0]) if roots else Group(id=ROOT)
        aside = [self.node(each) for each in self.inside.get(f"{ASIDE}.{parent}", ())]
        return Tree(
            root if isinstance(root, Group) else Group(id=ROOT),
            tuple(each for each in aside if isinstance(each, Leaf)),
        )

    def is_group(self, node_id: str) -> bool:
        return bool(self.text(f"join.{node_id}"))

    def node(self, node_id: str) -> Node | None:
        if self.depth > _MOST_DEPTH:
            return None
        self.depth += 1
        found = self.group(node_id) if self.is_group(node_id) else self.leaf(node_id)
        self.depth -= 1
        return found

    def group(self, node_id: str) -> Group:
        join = Join.OR if self.text(f"join.{node_id}") == Join.OR else Join.AND
        members = [self.node(each) for each in self.inside.get(node_id, ())]
        kept = tuple(member for member in members if member is not None)
        return Group(join, kept, node_id)

    def leaf(self, node_id: str) -> Leaf | None:
        name = self.text(f"name.{node_id}")
        kind = CATALOGUE.get(name)
        if kind is None:
            return None
        message = self.text(f"message.{node_id}").strip() or None
        if self.text(f"was_name.{node_id}") != name:
            fresh = new_leaf(name, node_id)
            path = self.text(f"property.{node_id}") if kind.needs_property else None
            return replace(fresh, property=path, message=message)
        path = self.text(f"property.{node_id}").strip()
        nested = self.set_of(node_id) if self.inside.get(node_id) else None
        return Leaf(
            name=name,
            property=path if kind.needs_property or path else None,
            conditions=self.conditions(name, path, node_id),
            nested=nested if nested and nested.root.members else None,
            message=message,
            id=node_id,
        )

    def conditions(
        self, name: str, path: str, node_id: str
    ) -> tuple[tuple[str, Values], ...]:
        declared = declared_kind(name, path, self.kinds)
        found: dict[str, Values] = {}
        for at, operator in enumerate(self.sent.getlist(f"op.{node_id}")):
            if operator in CATALOGUE[name].operators:
                kind = input_for(name, operator, declared)
                many = takes_many(name, operator)
                values = self.values(kind, f"{node_id}-{at}", many=many)
                # Two conditions with one operator are one with the values of both.
                found[operator] = (*found.get(operator, ()), *values)
        return tuple(found.items())

    def values(self, kind: Input, place: str, *, many: bool) -> Values:
        texts = self.sent.getlist(f"value.{place}")
        if kind in CHOSEN:
            found = [json_of(text, text) for text in texts]
            return tuple(value for value in found if can_be_chosen(value))
        was = json_of(self.text(f"was.{place}"), [])
        if isinstance(was, list) and _same(kind, typed(kind, was, many=many), texts):
            return tuple(was)
        if many and kind not in {Input.WEEKDAYS, Input.YES_NO}:
            texts = [line for text in texts for line in text.splitlines()]
        cleaned = [text.strip() for text in texts]
        return tuple(value_from(kind, text) for text in cleaned if text)


def typed(kind: Input, values: Sequence[object], *, many: bool) -> list[str]:
    """Return the texts that a page sends for values that nobody has touched."""
    texts = [text_of(kind, value) for value in values]
    if kind in {Input.WEEKDAYS, Input.YES_NO} or not many:
        return texts or ([] if kind is Input.WEEKDAYS else [""])
    return ["\r\n".join(texts)]


def json_of(text: str, otherwise: object) -> object:
    """Return the value behind a JSON text; ``otherwise`` where it is none."""
    if _UNSTORABLE.search(text):
        return otherwise
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return otherwise
    return found


def can_be_chosen(value: object) -> bool:
    """Say whether a value names something: an id, or what has an id or source id."""
    if isinstance(value, Mapping):
        names = (value.get("id"), value.get("source_id"))
        return any(isinstance(name, str) and name for name in names)
    return isinstance(value, str) and value != ""


def storable(data: QueryDict) -> QueryDict:
    """Return what was sent without the character that the database cannot keep."""
    clean = QueryDict(mutable=True)
    for name, texts in data.lists():
        clean.setlist(name, [text.replace("\0", "") for text in map(str, texts)])
    return clean


def chosen_text(value: object) -> str:
    """Return a chosen value as its field holds it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _same(kind: Input, before: list[str], after: list[str]) -> bool:
    """Say whether a field still holds what it was shown with; days have no order."""
    if kind is Input.WEEKDAYS:
        return sorted(before) == sorted(after)
    return before == after
