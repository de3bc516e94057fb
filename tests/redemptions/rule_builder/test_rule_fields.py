"""The fields of the builder's page give back the tree that they show."""

import itertools
import re
from html import unescape
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from hypothesis import HealthCheck, given, settings

from campaigns.engine.rule_catalogue import CATALOGUE
from campaigns.engine.rule_tree import Group, Join, Leaf, Tree, definition_of
from promo.comparison import Kind
from redemptions.engine.rule_sentences import PLAIN
from redemptions.engine.rule_wording import rule_choices
from redemptions.rule_builder.fields import json_of, new_leaf, read_tree, storable
from redemptions.rule_builder.page import Shown
from redemptions.rule_builder.state import opened
from tests.campaigns.engine.test_rule_tree import trees, value_for

KINDS = {"customer": {"level": Kind.TEXT, "since": Kind.DATE, "vip": Kind.BOOLEAN}}
_FIELD = re.compile(
    r"<input (?P<input>[^>]*)>|<select (?P<select>[^>]*)>(?P<options>.*?)</select>"
    r"|<textarea (?P<area>[^>]*)>(?P<text>.*?)</textarea>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


def sent_by(html: str) -> QueryDict:
    """Return what a browser would send for a page."""
    data = QueryDict(mutable=True)
    for field in _FIELD.finditer(html):
        attributes = field["input"] or field["select"] or field["area"]
        named = {k: unescape(v) for k, v in _ATTRIBUTE.findall(attributes)}
        if "name" not in named:
            continue
        if field["select"] is not None:
            chosen = re.search(r'<option value="([^"]*)" selected', field["options"])
            first = re.search(r'<option value="([^"]*)"', field["options"])
            value = unescape((chosen or first)[1])
        elif field["area"] is not None:
            value = unescape(field["text"]).replace("\n", "\r\n")
        elif named.get("type") == "checkbox" and " checked" not in field["input"]:
            continue
        else:
            value = named.get("value", "")
        data.appendlist(named["name"], value)
    return data


def rendered(tree: Tree, kinds: Any = KINDS) -> str:
    context = {
        "set": Shown(kinds, PLAIN).whole(tree),
        "rule_choices": rule_choices(),
        "here": "/admin/rule-builder/",
    }
    return render_to_string("admin/rule_tree.html", context)


def back(tree: Tree, kinds: Any = KINDS) -> Tree:
    return read_tree(sent_by(rendered(tree, kinds)), kinds)


def shown(tree: Tree) -> Tree:
    return opened(None, definition_of(tree)).tree


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=25)
@given(trees())
def test_a_page_that_nobody_touched_gives_back_its_tree(tree):
    tree = shown(tree)

    assert back(tree) == tree


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_operator_of_a_rule_has_a_field_that_keeps_its_value(name):
    kind = CATALOGUE[name]
    for operator in sorted(kind.operators):
        path = "level" if kind.needs_property else None
        leaf = Leaf(name, path, ((operator, (value_for(kind, operator),)),))
        tree = shown(Tree(Group(Join.AND, (leaf,))))

        assert back(tree, {}) == tree


@pytest.mark.parametrize(
    ("name", "path", "operator", "values"),
    [
        ("order.amount", None, "$in", (5000, 7550)),
        ("order.amount", None, "$is", (5000.0,)),
        ("customer.metadata", "level", "$in", ("gold", 5, True, " spaced ", "5")),
        ("customer.metadata", "level", "$is", ("two\nlines",)),
        ("customer.metadata", "since", "$is", ("2027-02-01",)),
        ("customer.metadata", "since", "$after", ("2027-02-01T08:30:00Z",)),
        ("customer.metadata", "since", "$dow", (0, "3")),
        ("customer.metadata", "vip", "$in", (True, "false")),
        ("customer.segment", None, "$in", ("seg_1", "seg_2")),
        ("order.items.any", None, "$is", ("prod_1", {"source_id": 'a "b" & c'})),
    ],
)
def test_values_come_back_as_they_were_stored(name, path, operator, values):
    tree = shown(Tree(Group(Join.AND, (Leaf(name, path, ((operator, values),)),))))

    assert back(tree) == tree


def typed(name: str, operator: str, *texts: str, path: str = "") -> Any:
    """Return the values of a condition that somebody has typed."""
    data = QueryDict(mutable=True)
    data.setlist("node", ["root", "n1"])
    data.update({"in.root": "", "join.root": "and", "in.n1": "root", "name.n1": name})
    data.update({"was_name.n1": name, "property.n1": path, "op.n1": operator})
    data.setlist("value.n1-0", list(texts))
    [leaf] = read_tree(data, KINDS).root.members
    return leaf.conditions


@pytest.mark.parametrize(
    ("name", "operator", "texts", "values"),
    [
        ("order.amount", "$more_than", ["50.00"], (5000,)),
        ("order.amount", "$in", ["50\r\n60.5"], (5000, 6050)),
        ("order.amount", "$more_than", ["a lot"], ("a lot",)),
        ("order.amount", "$more_than", ["0.005"], ("0.005",)),
        ("order.items.count", "$is", [" 3 "], (3,)),
        ("order.items.count", "$is", [""], ()),
        ("customer.segment", "$is", ['"seg_1"'], ("seg_1",)),
        ("publication.redeemable_by_linked_customer", "$is", ["false"], (False,)),
    ],
)
def test_what_is_typed_becomes_values(name, operator, texts, values):
    assert typed(name, operator, *texts) == ((operator, values),)


def test_declared_types_decide_what_is_typed_for_metadata():
    kinds = {"customer": {"age": Kind.NUMBER}}
    data = QueryDict(mutable=True)
    data.setlist("node", ["root", "n1"])
    data.update({"in.root": "", "join.root": "and", "in.n1": "root"})
    data.update({"name.n1": "customer.metadata", "was_name.n1": "customer.metadata"})
    data.update({"property.n1": "age", "op.n1": "$in", "value.n1-0": "18\n2.5\nold"})

    [declared] = read_tree(data, kinds).root.members
    [undeclared] = read_tree(data, {}).root.members

    assert declared.conditions == (("$in", (18, 2.5, "old")),)
    assert undeclared.conditions == (("$in", ("18", "2.5", "old")),)


def test_another_rule_starts_with_the_condition_that_most_people_mean():
    data = QueryDict(mutable=True)
    data.setlist("node", ["root", "n1"])
    data.update({"in.root": "", "join.root": "or", "in.n1": "root"})
    data.update({"name.n1": "customer.metadata", "was_name.n1": "order.amount"})
    data.update({"op.n1": "$more_than", "value.n1-0": "5", "message.n1": "No"})

    tree = read_tree(data, KINDS)

    assert tree == Tree(
        Group(Join.OR, (Leaf("customer.metadata", "", (("$is", ()),), message="No"),))
    )


def test_nonsense_is_left_out():
    data = QueryDict(mutable=True)
    data.setlist("node", ["root", "n1", "n2", "n1"])
    data.update({"in.root": "", "join.root": "and", "in.n1": "n1", "join.n1": "or"})
    data.update({"in.n2": "root", "name.n2": "order.unheard_of"})

    assert read_tree(data, KINDS) == Tree()
    assert read_tree(QueryDict(), KINDS) == Tree()


def test_two_conditions_with_one_operator_become_one():
    data = QueryDict(mutable=True)
    data.setlist("node", ["root", "n1"])
    data.update({"in.root": "", "join.root": "and", "in.n1": "root"})
    data.update({"name.n1": "order.amount", "was_name.n1": "order.amount"})
    data.setlist("op.n1", ["$in", "$in", "$starts_with"])
    data.update({"value.n1-0": "1.00", "value.n1-1": "2.00", "value.n1-2": "x"})

    [leaf] = read_tree(data, KINDS).root.members

    assert leaf.conditions == (("$in", (100, 200)),)


def test_a_flag_starts_as_yes():
    holder = "publication.redeemable_by_linked_customer"

    assert new_leaf(holder).conditions == (("$is", (True,)),)


def test_what_is_nested_without_end_is_cut_off():
    data = QueryDict(mutable=True)
    ids = ["root", *(f"n{i}" for i in range(400))]
    data.setlist("node", ids)
    data.update({"in.root": "", "join.root": "and"})
    for outer, inner in itertools.pairwise(ids):
        data.update({f"in.{inner}": outer, f"join.{inner}": "or"})

    depth, group = 0, read_tree(data, KINDS).root
    while group.members:
        depth, group = depth + 1, group.members[0]

    assert depth == 30


@pytest.mark.parametrize(
    "text", ["5", "[1]", "{}", '{"id": 5}', '""', "null", "[" * 100_000]
)
def test_what_names_nothing_cannot_be_chosen(text):
    values = typed("order.items.any", "$is", text)

    kept = (text,) if text.startswith("[[") else ()
    assert values == (("$is", kept),)


def test_characters_that_cannot_be_kept_are_left_out():
    sent = QueryDict(mutable=True)
    sent.setlist("a", ["x\0y", "z"])

    assert storable(sent).getlist("a") == ["xy", "z"]
    assert json_of('"\\u0000"', None) is None
    assert json_of('"\\uD800"', None) is None
