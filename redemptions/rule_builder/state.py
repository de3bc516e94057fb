"""One page of the builder: its rules as they are typed, told, checked and tried."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import QueryDict

from campaigns.engine.rule_parsing import canonical_rules, parse_rules
from campaigns.engine.rule_problems import Problem, problems_in
from campaigns.engine.rule_tree import Tree, definition_of, tree_of
from campaigns.engine.rule_tree_edits import with_ids
from promo.admin.forms import in_words as refusal_in_words
from promo.errors import PromoError
from promo.metadata_schemas.known import known_schemas
from promo.tenancy.models import Project
from redemptions.admin.voice import voice_for
from redemptions.engine.rule_inputs import declared_kind, input_for
from redemptions.engine.rule_sentences import Voice
from redemptions.engine.rule_wording import in_words, rule_choices
from redemptions.engine.rules import SetOutcome
from redemptions.engine.story import Told, tell_set
from redemptions.rehearsal.named import customer_named, order_named
from redemptions.rule_builder.edits import edited
from redemptions.rule_builder.fields import ROOT, json_of, read_tree
from redemptions.rule_builder.page import SetView, Shown, problem_in_words
from redemptions.services.requests import CheckoutRequest
from redemptions.services.rule_trial import try_rules

Json = dict[str, Any]
NO_ORDER_FOUND = "There is no such order."


@dataclass(frozen=True, slots=True)
class Trial:
    """How a rule came out on an order and a customer.

    ``marks`` says of each rule of the page whether it holds; ``refusal`` why there is
    no outcome.
    """

    passed: bool = False
    marks: Mapping[str, bool] | None = None
    steps: tuple[Told, ...] = ()
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Building:
    """The rules of a page, in a project."""

    project: Project
    tree: Tree
    focus: str = ""
    refusal: str = ""

    @property
    def kinds(self) -> Any:
        """The declared types of the project's metadata."""
        return known_schemas(self.project).kinds

    @property
    def definition(self) -> Json:
        """The rules as the API takes them."""
        return definition_of(self.tree)

    @property
    def as_json(self) -> str:
        """The rules as they are shown in the JSON view."""
        return json.dumps(self.definition, indent=2, ensure_ascii=False)

    def problems(self) -> tuple[Problem, ...]:
        """Return what keeps the rules from being stored."""
        return problems_in(self.tree, self.kinds)

    def voice(self) -> Voice:
        """Return names for the ids in the rules; one query a kind of id."""
        return voice_for(self.project, self.definition)

    def shown(self, problems: tuple[Problem, ...], voice: Voice) -> SetView:
        """Return what the page shows."""
        return Shown(self.kinds, voice, problems).whole(self.tree)

    def sentence(self, problems: tuple[Problem, ...], voice: Voice) -> str:
        """Say what the rules ask for, as far as they are complete."""
        return in_words(self.tree, voice, {each.node_id for each in problems})

    def on_page(self, problems: tuple[Problem, ...]) -> Json:
        """Return what every page that builds rules shows of them."""
        voice = self.voice()
        return {
            "set": self.shown(problems, voice),
            "rule_choices": rule_choices(),
            "focus": self.focus,
            "refusal": self.refusal,
            "sentence": self.sentence(problems, voice),
            "said": self.said(problems),
            "as_json": self.as_json,
        }

    def said(self, problems: tuple[Problem, ...]) -> dict[str, str]:
        """Return what is wrong by the place on the page, empty where nothing is."""
        texts = {(each.node_id, each.place): each.text for each in problems}
        found: dict[str, str] = {}
        for leaf in (leaf for each in every_set(self.tree) for leaf in each.leaves):
            declared = declared_kind(leaf.name, leaf.property, self.kinds)
            found[leaf.id] = ""
            for at, (operator, _) in enumerate(leaf.conditions):
                text = texts.get((leaf.id, str(at)), "")
                kind = input_for(leaf.name, operator, declared)
                found[f"{leaf.id}-{at}"] = text and problem_in_words(kind, text)
        for each in problems:
            if not each.place.isdigit():
                found[each.node_id] = each.text
        return found

    def trial(self, order: str, customer: str, now: datetime) -> Trial | None:
        """Try the rules on what somebody named; None while nothing is named."""
        if not (order or customer):
            return None
        named = order_named(self.project, order) if order else None
        if order and named is None:
            return Trial(refusal=NO_ORDER_FOUND)
        request = CheckoutRequest(
            order=named, customer=customer_named(self.project, customer)
        )
        try:
            outcome = try_rules(
                project=self.project,
                rules=parse_rules(self.definition),
                name="This rule",
                request=request,
                now=now,
            )
        except PromoError as refused:
            return Trial(refusal=refusal_in_words(refused))
        return self._came_out(outcome)

    def _came_out(self, outcome: SetOutcome) -> Trial:
        trace = outcome.as_json()
        marks: dict[str, bool] = {}
        _mark(self.tree, trace, marks)
        voice = voice_for(self.project, trace)
        return Trial(outcome.passed, marks, tuple(tell_set(trace, voice)))


def opened(project: Project, rules: Mapping[str, Any]) -> Building:
    """Return the page of stored rules."""
    tree = tree_of(rules)
    return Building(project, with_ids(replace(tree, root=replace(tree.root, id=ROOT))))


def sent(project: Project, data: QueryDict) -> Building:
    """Return the page as it was sent, after the button that was pressed."""
    kinds = known_schemas(project).kinds
    tree = with_ids(read_tree(data, kinds))
    do = data.get("do", "") or ""
    if do == "json":
        return _from_json(project, tree, data.get("as_json", "") or "")
    tree, focus = edited(tree, do)
    return Building(project, tree, focus)


def json_typed(text: str) -> Any:
    """Return the JSON that somebody typed; what cannot be kept is no JSON to us.

    Raises:
        JSONDecodeError: it is none.
    """
    if json_of(text, None) is None:
        json.loads(text)
        msg = "it holds characters that cannot be kept, or is null"
        raise json.JSONDecodeError(msg, text, 0)
    return json_of(text, None)


def _from_json(project: Project, tree: Tree, text: str) -> Building:
    try:
        definition = canonical_rules(json_typed(text or "{}"))
    except json.JSONDecodeError as wrong:
        place = f"line {wrong.lineno}, column {wrong.colno}"
        refusal = f"This is not JSON: {wrong.msg} in {place}."
    except RecursionError:
        refusal = "This is nested too deeply."
    except PromoError as refused:
        refusal = refusal_in_words(refused)
    else:
        return opened(project, definition)
    return Building(project, tree, refusal=refusal)


def every_set(tree: Tree) -> list[Tree]:
    """Return a set and all that are nested in its rules."""
    found = [tree]
    for leaf in tree.leaves:
        if leaf.nested is not None:
            found += every_set(leaf.nested)
    return found


def _mark(tree: Tree, trace: Mapping[str, Any], marks: dict[str, bool]) -> None:
    keyed = tree.keyed
    for rule in trace["rules"]:
        leaf = keyed.get(rule["key"])
        if leaf is not None:
            marks[leaf.id] = rule["passed"]
            if leaf.nested is not None and rule.get("rules"):
                _mark(leaf.nested, rule, marks)
