"""A rule in plain English before it has met any order: what it asks for.

"Order amount needs at least 50.00 EUR, and customer's level needs gold or platinum."
"""

from collections.abc import Collection, Mapping
from typing import Any

from campaigns.engine.rule_catalogue import (
    CATALOGUE,
    ITEM_RULES,
    Family,
    Operand,
    RuleKind,
)
from campaigns.engine.rule_tree import Join, Leaf, Node, Tree
from campaigns.engine.rule_values import target_of
from redemptions.engine.rule_sentences import (
    PLAIN,
    Voice,
    demand,
    items_wanted,
    joined,
    shown_value,
)
from redemptions.engine.rule_subjects import subject_of
from redemptions.engine.rule_values import as_json

_FLAGS: Mapping[str, tuple[str, str]] = {
    "publication.redeemable_by_linked_customer": (
        "the code was given to this customer",
        "anybody may use the code",
    ),
    "product.metadata.match_all": ("all items match", "not all items need to match"),
}
_LABELS: Mapping[str, str] = {
    "publication.redeemable_by_linked_customer": "Code was given to the customer",
    "order.items.any": "At least one item",
    "order.items.every": "Every item",
    "order.items.none": "No item",
    "order.items.cheapest": "The cheapest item",
    "order.items.most_expensive": "The most expensive item",
    "customer.segment": "Customer's segments",
    "customer.metadata": "Customer's metadata",
    "order.metadata": "Order's metadata",
    "order.items.metadata": "Metadata of the items found",
    "order.items.metadata_any": "Metadata of any item",
    "order.items.metadata_each": "Metadata of each item",
    "order.items.price_any": "Price of any item",
    "order.items.price_each": "Price of each item",
    "redemption.metadata": "Metadata of the request",
    "custom_event.metadata": "Metadata of the event",
}
_ON_ITEMS: Mapping[str, str] = {
    "$is": "is any of",
    "$in": "is one of",
    "$is_not": "is none of",
    "$not_in": "is not one of",
    "$from": "looking only at items of",
}
#: Operators whose sentence alone would not tell them from others.
_OPERATORS: Mapping[str, str] = {
    "$in": "needs one of …",
    "$not_in": "must be none of …",
    "$dow": "needs to fall on …",
    "$count": "needs this many values: …",
}
_ITEMS, _OLDER = "Items", "Older rules about products and SKUs"
_GROUPS: Mapping[Family, str] = {
    Family.CUSTOMER: "Customer",
    Family.ORDER: "Order",
    Family.REDEMPTION: "Uses, limits and budgets",
    Family.EVENT: "Event",
}
_ORDER = ("Customer", "Order", _ITEMS, "Uses, limits and budgets", "Event", _OLDER)
Choices = list[tuple[str, list[tuple[str, str]]]]


def rule_choices() -> Choices:
    """Return every rule there is to choose: by group, its name and its label."""
    groups: dict[str, list[tuple[str, str]]] = {name: [] for name in _ORDER}
    for kind in CATALOGUE.values():
        groups[_group_of(kind)].append((kind.name, rule_label(kind.name)))
    return [(name, members) for name, members in groups.items() if members]


def rule_label(name: str) -> str:
    """Return what a list of rules calls a rule."""
    if name in _LABELS:
        return _LABELS[name]
    if name.split(".", maxsplit=1)[0] in {"product", "sku"}:
        return name
    text = subject_of(name, None).text
    return f"{text[:1].upper()}{text[1:]}"


def operator_label(name: str, operator: str) -> str:
    """Return what a list of operators calls one of a rule."""
    if CATALOGUE[name].operand is Operand.ITEM:
        return _ON_ITEMS[operator]
    return _OPERATORS.get(operator) or demand(operator, ["…"])


def in_words(tree: Tree, voice: Voice = PLAIN, unfinished: Collection[str] = ()) -> str:
    """Say what a tree asks for; rules whose ids are ``unfinished`` end in dots."""
    if not tree.root.members:
        return "Always holds: everybody, on every order."
    said = _node(tree.root, voice, unfinished, is_inner=False)
    end = "" if said.endswith("…") else "."
    return f"{said[:1].upper()}{said[1:]}{end}"


def leaf_in_words(
    leaf: Leaf, voice: Voice = PLAIN, unfinished: Collection[str] = ()
) -> str:
    """Say what one rule asks for, with what is nested in it."""
    own = _subject(leaf) + " …" if leaf.id in unfinished else _own(leaf, voice)
    if leaf.nested is None or not leaf.nested.root.members:
        return own
    nested = _node(leaf.nested.root, voice, unfinished, is_inner=True)
    return f"{own}, of which {nested}"


def asked_in_words(rule: Mapping[str, Any], voice: Voice = PLAIN) -> str:
    """Say what a rule of a trace asks for, whatever was found there."""
    wanted = _wanted_of(rule)
    if not wanted and rule.get("reason"):
        return str(rule["reason"])
    name = rule["name"]
    own = _asked(name, rule.get("property"), wanted, voice)
    nested = [asked_in_words(each, voice) for each in rule.get("rules", ())]
    return f"{own}, of which {joined(nested, 'and')}" if nested else own


def _wanted_of(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a rule of a trace wants by operator, whether or not it was asked."""
    if rule.get("wanted"):
        wanted: Mapping[str, Any] = rule["wanted"]
        return wanted
    conditions = rule["conditions"]
    targets: Mapping[str, Any] | None = next(
        (each["targets"] for each in conditions if "targets" in each), None
    )
    return targets or {each["operator"]: each["expected"] for each in conditions}


def _asked(name: str, path: str | None, wanted: Mapping[str, Any], voice: Voice) -> str:
    if wanted and name in ITEM_RULES:
        return items_wanted(name, wanted, voice)
    if wanted and name in _FLAGS:
        return " and ".join(_flag(name, *each) for each in wanted.items())
    leaf = Leaf(name, path, tuple((key, tuple(one)) for key, one in wanted.items()))
    return _own(leaf, voice)


def _group_of(kind: RuleKind) -> str:
    first, *rest = kind.name.split(".")
    if first in {"product", "sku"}:
        return _OLDER
    if first == "order" and rest[0] == "items":
        return _ITEMS
    return _GROUPS[kind.family]


def _node(
    node: Node, voice: Voice, unfinished: Collection[str], *, is_inner: bool
) -> str:
    if isinstance(node, Leaf):
        return leaf_in_words(node, voice, unfinished)
    parts = [_node(each, voice, unfinished, is_inner=True) for each in node.members]
    parts = [part for part in parts if part]
    text = _either(parts) if node.join is Join.OR else ", and ".join(parts)
    return f"({text})" if is_inner and len(parts) > 1 else text


def _either(parts: list[str]) -> str:
    return f"either {', or '.join(parts)}" if len(parts) > 1 else "".join(parts)


def _subject(leaf: Leaf) -> str:
    if leaf.name in ITEM_RULES or leaf.name in _FLAGS:
        label = rule_label(leaf.name)
        return label[:1].lower() + label[1:]
    return subject_of(leaf.name, leaf.property or "metadata").text


def _own(leaf: Leaf, voice: Voice) -> str:
    conditions = dict(leaf.conditions)
    if not conditions:
        return f"{_subject(leaf)} is there"
    if leaf.name in ITEM_RULES:
        targets = {
            operator: [as_json(target_of(value)) for value in values]
            for operator, values in conditions.items()
        }
        return items_wanted(leaf.name, targets, voice)
    if leaf.name in _FLAGS:
        return " and ".join(_flag(leaf.name, *each) for each in conditions.items())
    demands = [
        demand(operator, [shown_value(leaf.name, value, voice) for value in values])
        for operator, values in leaf.conditions
    ]
    return f"{_subject(leaf)} {joined(demands, 'and')}"


def _flag(name: str, operator: str, values: Any) -> str:
    is_true = values[0] in {True, "true"}
    return _FLAGS[name][0 if is_true == (operator == "$is") else 1]
