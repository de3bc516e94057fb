"""What a rule asks for, in plain English."""

import pytest

from campaigns.engine.rule_catalogue import CATALOGUE
from campaigns.engine.rule_tree import Group, Join, Leaf, Tree
from redemptions.engine.rule_sentences import PLAIN, Voice
from redemptions.engine.rule_wording import (
    asked_in_words,
    in_words,
    leaf_in_words,
    operator_label,
    rule_choices,
    rule_label,
)

VOICE = Voice(money=lambda minor: f"{minor / 100:.2f} EUR", names={"pc_1": "Shoes"})
BIG = Leaf("order.amount", None, (("$more_than_or_equal", (5000,)),))
GOLD = Leaf("customer.metadata", "level", (("$in", ("gold", "platinum")),))
SHOES = ({"id": "pc_1", "object": "products_collection"},)
HOLDER = "publication.redeemable_by_linked_customer"


def one(name, *conditions, path=None, nested=None):
    return Leaf(name, path, conditions, nested)


@pytest.mark.parametrize(
    ("leaf", "words"),
    [
        (BIG, "order amount needs at least 50.00 EUR"),
        (GOLD, "customer's level needs gold or platinum"),
        (
            one("order.items.count", ("$more_than", (1,)), ("$less_than", (9,))),
            "number of items needs more than 1 and must be less than 9",
        ),
        (
            one("order.items.every", ("$is", SHOES)),
            "of the items all must be in the collection Shoes",
        ),
        (one("order.items.any"), "at least one item is there"),
        (one(HOLDER, ("$is", (True,))), "the code was given to this customer"),
        (one(HOLDER, ("$is", ("false",))), "anybody may use the code"),
        (one(HOLDER, ("$is_not", (False,))), "the code was given to this customer"),
        (one("order.metadata", path=""), "order's metadata is there"),
        (
            one(
                "order.items.any",
                ("$is", SHOES),
                nested=Tree(
                    Group(
                        Join.AND,
                        (
                            one("order.items.quantity", ("$is", (2,))),
                            one("order.items.price", ("$is", (100,))),
                        ),
                    )
                ),
            ),
            (
                "of the items at least one must be in the collection Shoes, of which "
                "(quantity of the items found needs 2, and price of the items found "
                "needs 1.00 EUR)"
            ),
        ),
    ],
)
def test_one_rule_in_words(leaf, words):
    assert leaf_in_words(leaf, VOICE) == words


def test_groups_in_words():
    either = Group(Join.OR, (GOLD, one("order.items.any")))

    assert in_words(Tree(), VOICE) == "Always holds: everybody, on every order."
    assert in_words(Tree(Group(Join.OR, (BIG,))), VOICE) == (
        "Order amount needs at least 50.00 EUR."
    )
    assert in_words(Tree(Group(Join.AND, (BIG, either, Group()))), VOICE) == (
        "Order amount needs at least 50.00 EUR, and (either customer's level needs "
        "gold or platinum, or at least one item is there)."
    )


def test_what_is_not_complete_ends_in_dots():
    unfinished = Leaf("order.amount", None, (("$is", ("x",)),), id="n1")
    flag = Leaf(HOLDER, None, (("$is", ()),), id="n2")

    assert leaf_in_words(unfinished, unfinished={"n1"}) == "order amount …"
    assert in_words(Tree(Group(Join.AND, (unfinished,))), PLAIN, {"n1"}) == (
        "Order amount …"
    )
    assert leaf_in_words(flag, unfinished={"n2"}) == "code was given to the customer …"


def test_every_rule_is_offered_once_and_called_something():
    offered = [name for _, members in rule_choices() for name, _ in members]
    labels = [label for _, members in rule_choices() for _, label in members]

    assert sorted(offered) == sorted(CATALOGUE)
    assert len(set(labels)) == len(labels)
    assert rule_label("customer.segment") == "Customer's segments"
    assert rule_label("product.price") == "product.price"
    assert rule_label("order.amount") == "Order amount"


def test_every_operator_of_a_rule_is_called_something_else():
    for kind in CATALOGUE.values():
        labels = [operator_label(kind.name, each) for each in kind.operators]

        assert len(set(labels)) == len(labels), kind.name
    assert operator_label("order.amount", "$less_than") == "must be less than …"
    assert operator_label("order.items.any", "$from") == "looking only at items of"


def traced(name, *conditions, path=None, **rest):
    body = [{"operator": each, "expected": values} for each, values in conditions]
    return {"name": name, "property": path, "conditions": body, **rest}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            traced("order.amount", ("$more_than", [1]), ("$less_than", [5000])),
            "order amount needs more than 0.01 EUR and must be less than 50.00 EUR",
        ),
        (
            traced("customer.metadata", path="level", wanted={"$is": ["gold"]}),
            "customer's level needs gold",
        ),
        (traced(HOLDER, ("$is", [True])), "the code was given to this customer"),
        (traced("order.metadata", path="channel"), "order's channel is there"),
        (traced("order.items.any", reason="No items."), "No items."),
        (
            {
                **traced("order.items.any"),
                "conditions": [
                    {
                        "operator": "$is",
                        "expected": [],
                        "targets": {
                            "$is": [
                                {
                                    "id": "pc_1",
                                    "source_id": None,
                                    "object": "products_collection",
                                }
                            ]
                        },
                    }
                ],
                "rules": [traced("order.items.quantity", ("$is", [2]))],
            },
            (
                "of the items at least one must be in the collection Shoes, of which "
                "quantity of the items found needs 2"
            ),
        ),
    ],
)
def test_a_rule_of_a_trace_is_told_by_what_it_asks_for(rule, words):
    assert asked_in_words(rule, VOICE) == words
