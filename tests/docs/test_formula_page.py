"""The page about formulas tells what they come to, and every name they know."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

from campaigns.engine.formulas.catalogue import (
    CHEAPEST,
    DEAREST,
    FUNCTIONS,
    KEYED_OPERANDS,
    OPERANDS,
)
from campaigns.engine.formulas.parsing import MAX_DEPTH, MAX_LENGTH, MAX_NODES
from campaigns.engine.formulas.values import NoValue
from tests.campaigns.engine.formulas.cases import worth

PAGE = (settings.BASE_DIR / "docs" / "algorithms" / "formulas.md").read_text()
EXAMPLE = re.compile(r"\| `(?P<formula>.+)` \| (?P<situation>.+) \| (?P<worth>.+) \|")
SITUATIONS: dict[str, dict[str, Any]] = {
    "the order above": {
        "ORDER_AMOUNT": Decimal(78),
        "ORDER_UNITS_QUANTITY": Decimal(4),
    },
    "the customer's `tier` is gold": {"tier": "gold"},
    "the customer's `tier` is silver": {"tier": "silver"},
    "the customer has no `tier`": {},
    "the customer's `years` is 4": {"years": 4},
    "the customer has no `years`": {},
    "the order's `city` is Nice": {"city": "Nice"},
    "born in March, and it is March": {"CUSTOMER_BIRTHDATE": date(1990, 3, 1)},
    "on the tea": {"ORDER_ITEM_PRICE": Decimal(9)},
}


def examples() -> list[tuple[str, str, str]]:
    told = PAGE.partition("## Examples")[2].partition("\n## ")[0]
    rows = [EXAMPLE.fullmatch(row) for row in told.splitlines()]
    return [(row["formula"], row["situation"], row["worth"]) for row in rows if row]


def test_every_situation_of_the_page_is_tried() -> None:
    assert {situation for _, situation, _ in examples()} == set(SITUATIONS)


@pytest.mark.parametrize(("formula", "situation", "told"), examples())
def test_an_example_is_worth_what_the_page_says(
    formula: str, situation: str, told: str
) -> None:
    facts = SITUATIONS[situation]

    try:
        found = str(worth(formula, **facts).normalize())
    except NoValue:
        found = "the number beside it"

    assert found == told


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("ROUND(138.46;1)", "138.5"),
        ("ROUND(138.46;-1)", "140"),
        ("IF(ORDER_AMOUNT > 0;5;1 / 0)", "5"),
    ],
)
def test_what_stands_in_the_text_holds_too(formula: str, value: str) -> None:
    assert f"`{formula}` is {value}" in PAGE.replace("\n", " ")
    assert worth(formula, ORDER_AMOUNT=Decimal(78)) == Decimal(value)


def test_every_name_is_told() -> None:
    written = set(re.findall(r"[A-Z][A-Z_]+", PAGE))
    names = {*FUNCTIONS, *OPERANDS, *KEYED_OPERANDS}
    of_one_line = {name for name in names if name.startswith((CHEAPEST, DEAREST))}

    assert names - of_one_line <= written


def test_the_limits_are_told() -> None:
    limits = f"{MAX_LENGTH} characters, of more than {MAX_NODES} parts or nested more"
    assert f"{limits} than {MAX_DEPTH} deep" in PAGE.replace("\n", " ")
