"""Decisions about loyalty cards, told in plain English."""

from typing import Any

import pytest

from redemptions.engine.check_sentences import check_in_words
from redemptions.engine.decide import decide
from redemptions.engine.explanation import sentences_of
from redemptions.engine.rule_sentences import Voice
from tests.redemptions.engine.carts import (
    ADA,
    facts,
    line,
    loyalty_card,
    order,
    reward,
)


def told(card: Any, **rest: Any) -> str:
    rest.setdefault("order", order(amount=4380))
    (sentence,) = sentences_of(decide(facts(card, customer=ADA, **rest)))
    return sentence


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        (
            loyalty_card(offered=reward(), wanted=120),
            (
                "CARD applies: 120 of its 1,000 points pay 12.00 and leaves 31.80 to "
                "pay."
            ),
        ),
        (
            loyalty_card(offered=reward(None, points=300)),
            "CARD applies: it costs 300 of its 1,000 points and leaves 43.80 to pay.",
        ),
        (
            loyalty_card(offered=reward(), wanted=1001),
            "CARD was refused: it has 1,000 points left, not 1,001.",
        ),
        (
            loyalty_card(offered=reward(), balance=0),
            "CARD was refused: it has 0 points left.",
        ),
        (
            loyalty_card(offered=reward(None, points=1001)),
            "CARD was refused: it has 1,000 points left, not 1,001.",
        ),
        (
            loyalty_card(offered=reward(None, points=1, stock=0)),
            "CARD was refused: the reward is out of stock.",
        ),
        (
            loyalty_card(offered=reward(), wanted="x"),
            "CARD was refused: the points asked for are no number.",
        ),
        (
            loyalty_card(reward_id=None),
            "CARD was refused: no reward was named for its points.",
        ),
        (
            loyalty_card(),
            "CARD was refused: its programme does not offer that reward.",
        ),
        (
            loyalty_card(holder_id=None),
            "CARD was refused: somebody else than its holder redeems it.",
        ),
    ],
)
def test_what_becomes_of_a_card_is_one_sentence(card: Any, sentence: str) -> None:
    assert told(card) == sentence


@pytest.mark.parametrize(
    ("without", "sentence"),
    [
        (None, "CARD was refused: there is no order that points could pay."),
        (
            order(line("tea", None)),
            "CARD was refused: the order has no amount that points could pay.",
        ),
    ],
)
def test_points_without_an_amount_say_so(without: Any, sentence: str) -> None:
    assert told(loyalty_card(offered=reward()), order=without) == sentence


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        ({"check": "holder", "passed": True}, "Its holder redeems it."),
        (
            {"check": "reward", "passed": True},
            "Its points suffice for the reward.",
        ),
        (
            {"check": "points", "passed": True, "spent": 300, "available": 1000},
            "It costs 300 of its 1,000 points.",
        ),
        ({"check": "reward", "passed": False}, "It has not enough points."),
    ],
)
def test_each_check_of_a_card_is_one_sentence(
    check: dict[str, Any], sentence: str
) -> None:
    assert check_in_words(check, Voice()) == sentence
