"""What the page of the builder shows of a tree: groups, rules, inputs, problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from campaigns.engine.declared_types import RESOURCES
from campaigns.engine.rule_catalogue import CATALOGUE, ITEM_RULES
from campaigns.engine.rule_problems import PROPERTY, Problem
from campaigns.engine.rule_tree import Group, Leaf, Node, Tree
from campaigns.engine.rule_values import target_of
from promo.comparison import Kind
from redemptions.engine.rule_inputs import (
    Input,
    Kinds,
    declared_kind,
    input_for,
    operators_for,
    takes_many,
    text_of,
)
from redemptions.engine.rule_sentences import WEEKDAYS, Voice, target_in_words
from redemptions.engine.rule_values import as_json
from redemptions.engine.rule_wording import operator_label, rule_label
from redemptions.rule_builder.fields import ASIDE, CHOSEN, ROOT, chosen_text, typed

_HINTS: Mapping[Input, str] = {
    Input.WINDOW: "2027-02-01T08:30:00Z;P2D;PT3H",
    Input.PERIOD: "2027-02-01T08:30;2027-03-01T00:00",
    Input.HOURS: "17:30;21:15;4,5",
    Input.MONEY: "50.00",
}
_HELP: Mapping[Input, str] = {
    Input.WINDOW: "First opening; how often; how long. One a line.",
    Input.PERIOD: "From; to. One a line.",
    Input.HOURS: "From; to; weekdays, 0 for Sunday. One a line.",
}
_TYPES: Mapping[Input, str] = {
    Input.DAY: "date",
    Input.MOMENT: "datetime-local",
    Input.WHOLE: "text",
    Input.MONEY: "text",
    Input.NUMBER: "text",
}
_MODES: Mapping[Input, str] = {
    Input.WHOLE: "numeric",
    Input.MONEY: "decimal",
    Input.NUMBER: "decimal",
}
_PICKERS: Mapping[Input, tuple[str, str]] = {
    Input.ITEMS: ("items", "Product, SKU or collection"),
    Input.SEGMENTS: ("segments", "Find a segment"),
}
_WORDS: Mapping[Input, str] = {
    Input.MONEY: "Type an amount, such as 50.00.",
    Input.WHOLE: "Type a whole number.",
    Input.NUMBER: "Type a number.",
    Input.MOMENT: "Choose a date.",
    Input.DAY: "Choose a date.",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A chosen value: how it is sent and what it is called."""

    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule as it is shown."""

    place: str
    at: int
    operators: Sequence[tuple[str, str]]
    operator: str
    input: Input
    many: bool
    texts: Sequence[str]
    was: str
    chips: Sequence[Chip] = ()
    picker: str = ""
    picker_label: str = ""
    problem: str = ""
    hint: str = ""
    help: str = ""
    type: str = "text"
    mode: str = ""

    @property
    def shape(self) -> str:
        """Which part of the template shows it."""
        if self.chips or self.picker:
            return "picker"
        if self.input in {Input.WEEKDAYS, Input.YES_NO}:
            return self.input
        return "lines" if self.many else "line"

    @property
    def days(self) -> list[tuple[str, str, bool]]:
        """The weekdays to tick, Monday first."""
        order = (*range(1, 7), 0)
        return [(str(n), WEEKDAYS[n][:3], str(n) in self.texts) for n in order]


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule as it is shown."""

    id: str
    inside: str
    name: str
    label: str
    conditions: Sequence[Condition]
    message: str
    needs_property: bool
    property: str
    paths: Sequence[str]
    problem: str
    can_nest: bool
    can_add: bool
    nested: "SetView | None" = None
    is_aside: bool = False
    is_first: bool = True
    is_last: bool = True
    is_rule: bool = True


@dataclass(frozen=True, slots=True)
class GroupView:
    """One group as it is shown."""

    id: str
    inside: str
    join: str
    members: Sequence[Any]
    problem: str = ""
    depth: int = 0
    is_first: bool = True
    is_last: bool = True
    is_rule: bool = False


@dataclass(frozen=True, slots=True)
class SetView:
    """A whole set as it is shown."""

    root: GroupView
    aside: Sequence[RuleView] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """How a tree is shown: declared types, names of ids, and what is wrong."""

    kinds: Kinds
    voice: Voice
    problems: Sequence[Problem] = ()
    said: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for each in self.problems:
            self.said.setdefault((each.node_id, each.place), each.text)

    def whole(self, tree: Tree, inside: str = "", depth: int = 0) -> SetView:
        """Return what the page shows of a set."""
        aside = [
            self.rule(leaf, f"{ASIDE}.{inside}", is_aside=True) for leaf in tree.aside
        ]
        return SetView(self.group(tree.root, inside, depth), aside)

    def group(self, group: Group, inside: str, depth: int, **place: bool) -> GroupView:
        own = group.id or ROOT
        last = len(group.members) - 1
        members = [
            self.node(member, own, depth, is_first=at == 0, is_last=at == last)
            for at, member in enumerate(group.members)
        ]
        problem = self.said.get((own, ""), "")
        return GroupView(own, inside, group.join, members, problem, depth, **place)

    def node(self, node: Node, inside: str, depth: int, **place: bool) -> Any:
        if isinstance(node, Group):
            return self.group(node, inside, depth + 1, **place)
        return self.rule(node, inside, depth, **place)

    def rule(self, leaf: Leaf, inside: str, depth: int = 0, **place: bool) -> RuleView:
        kind = CATALOGUE[leaf.name]
        declared = declared_kind(leaf.name, leaf.property, self.kinds)
        nested = leaf.nested
        return RuleView(
            id=leaf.id,
            inside=inside,
            name=leaf.name,
            label=rule_label(leaf.name),
            conditions=[
                self.condition(leaf, at, declared) for at in range(len(leaf.conditions))
            ],
            message=leaf.message or "",
            needs_property=kind.needs_property,
            property=leaf.property or "",
            paths=self.paths(leaf.name),
            problem=self.said.get((leaf.id, PROPERTY), ""),
            can_nest=leaf.name in ITEM_RULES,
            can_add=len(leaf.conditions) < len(operators_for(kind, declared)),
            nested=self.whole(nested, leaf.id, depth + 1) if nested else None,
            **place,
        )

    def paths(self, name: str) -> list[str]:
        return sorted(self.kinds.get(RESOURCES.get(name, ""), {}))

    def condition(self, leaf: Leaf, at: int, declared: Kind | None) -> Condition:
        operator, values = leaf.conditions[at]
        offered = operators_for(CATALOGUE[leaf.name], declared)
        if operator not in offered:
            offered = [operator, *offered]
        kind = input_for(leaf.name, operator, declared)
        many = takes_many(leaf.name, operator)
        problem = self.said.get((leaf.id, str(at)), "")
        chosen = kind in CHOSEN
        picker, label = _PICKERS.get(kind, ("", ""))
        return Condition(
            place=f"{leaf.id}-{at}",
            at=at,
            operators=[(each, operator_label(leaf.name, each)) for each in offered],
            operator=operator,
            input=kind,
            many=many,
            texts=() if chosen else _shown_texts(kind, values, many=many),
            was="" if chosen else chosen_text(list(values)),
            chips=[Chip(chosen_text(v), self.called(kind, v)) for v in values]
            if chosen
            else (),
            picker=picker,
            picker_label=label,
            problem=problem_in_words(kind, problem),
            hint=_HINTS.get(kind, ""),
            help=_HELP.get(kind, "One a line." if many else ""),
            type=_type_of(kind, values),
            mode=_MODES.get(kind, ""),
        )

    def called(self, kind: Input, value: Any) -> str:
        if kind is Input.ITEMS:
            return target_in_words(as_json(target_of(value)), self.voice, "")
        return str(self.voice.name(value))


def problem_in_words(kind: Input, said: str) -> str:
    """Return what is wrong with a value as the person at the field should read it."""
    if not said:
        return ""
    if "at least one value" in said:
        return "Say what it is compared with."
    return _WORDS.get(kind, said) if "must be" in said.lower() else said


def _shown_texts(kind: Input, values: Sequence[Any], *, many: bool) -> list[str]:
    texts = typed(kind, values, many=many)
    return [text.replace("\r\n", "\n") for text in texts]


def _type_of(kind: Input, values: Sequence[Any]) -> str:
    """Return the type of a field; a date that its field could not show is a text."""
    wanted = _TYPES.get(kind, "text")
    shown = [text_of(kind, value) for value in values]
    length = {"date": 10, "datetime-local": 16}.get(wanted)
    if length and any(len(text) != length for text in shown):
        return "text"
    return wanted
