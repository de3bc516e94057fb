"""What a person may ask of each fact, and what they type or choose for it.

Everything follows from the catalogue of rules and from the types that the project
declares for its metadata.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

from campaigns.engine.declared_types import RESOURCES
from campaigns.engine.rule_catalogue import (
    CATALOGUE,
    COUNTS,
    DAY_DISTANCES,
    EQUALITY,
    MOMENTS,
    ONE_VALUE,
    ORDERING,
    SETS,
    TEXTUAL,
    TIMEFRAMES,
    Family,
    Operand,
    RuleKind,
)
from promo.comparison import Kind
from promo.money import in_major_units
from redemptions.engine.rule_sentences import DEMANDS
from redemptions.engine.rule_subjects import MONEY


class Input(StrEnum):
    """How the values of a condition are typed or chosen."""

    MONEY = "money"
    WHOLE = "whole"
    NUMBER = "number"
    TEXT = "text"
    YES_NO = "yes_no"
    DAY = "day"
    MOMENT = "moment"
    WEEKDAYS = "weekdays"
    WINDOW = "window"
    PERIOD = "period"
    HOURS = "hours"
    ITEMS = "items"
    SEGMENTS = "segments"


Kinds = Mapping[str, Mapping[str, Kind]]

#: The order in which operators are offered.
ORDER: Sequence[str] = (*DEMANDS, "$from")
_OF_ARRAYS = COUNTS | SETS
_OF_DATES = EQUALITY | ORDERING | MOMENTS | DAY_DISTANCES | TIMEFRAMES | {"$dow"}
_BY_KIND: Mapping[Kind, frozenset[str]] = {
    Kind.NUMBER: EQUALITY | ORDERING | _OF_ARRAYS,
    Kind.BOOLEAN: EQUALITY | _OF_ARRAYS,
    Kind.TEXT: EQUALITY | ORDERING | TEXTUAL | _OF_ARRAYS,
    Kind.DATE: _OF_DATES | _OF_ARRAYS,
    Kind.DATETIME: _OF_DATES | _OF_ARRAYS,
}
_TYPED: Mapping[Kind, Input] = {
    Kind.NUMBER: Input.NUMBER,
    Kind.BOOLEAN: Input.YES_NO,
    Kind.DATE: Input.DAY,
    Kind.DATETIME: Input.MOMENT,
}
_BY_OPERATOR: Mapping[str, Input] = {
    **dict.fromkeys(DAY_DISTANCES | COUNTS, Input.WHOLE),
    **dict.fromkeys(MOMENTS, Input.MOMENT),
    **dict.fromkeys(TEXTUAL, Input.TEXT),
    "$dow": Input.WEEKDAYS,
    "$timeframe": Input.WINDOW,
    "$timeframe_absolute": Input.PERIOD,
    "$timeframe_daily_hours": Input.HOURS,
}
# No longer than what can be kept; a longer text stays a text, and is refused as one.
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_DECIMAL = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,9})?")


def declared_kind(name: str, path: str | None, kinds: Kinds) -> Kind | None:
    """Return the type that the project declares for what a rule looks at."""
    return kinds.get(RESOURCES.get(name, ""), {}).get(path or "")


def operators_for(kind: RuleKind, declared: Kind | None = None) -> list[str]:
    """Return the operators that make sense for a rule, in the order of offering."""
    fitting = kind.operators
    if declared is not None:
        fitting &= _BY_KIND.get(declared, fitting)
    return [operator for operator in ORDER if operator in fitting]


def first_operator(kind: RuleKind) -> str:
    """Return the operator that most people mean."""
    if kind.operand is not Operand.NUMBER:
        return "$is"
    is_limit = kind.family is Family.REDEMPTION
    return "$less_than_or_equal" if is_limit else "$more_than_or_equal"


def input_for(name: str, operator: str, declared: Kind | None = None) -> Input:
    """Return how the values of one condition are asked for."""
    kind = CATALOGUE[name]
    if kind.operand is Operand.ITEM:
        return Input.ITEMS
    if kind.operand is Operand.BOOLEAN:
        return Input.YES_NO
    if kind.operand is Operand.NUMBER:
        return Input.MONEY if name in MONEY else Input.WHOLE
    if name == "customer.segment":
        return Input.SEGMENTS
    if operator in _BY_OPERATOR and kind.operand is Operand.ANY:
        return _BY_OPERATOR[operator]
    return Input.TEXT if declared is None else _TYPED.get(declared, Input.TEXT)


def takes_many(name: str, operator: str) -> bool:
    """Say whether a condition may have several values."""
    return operator not in ONE_VALUE or CATALOGUE[name].operand is Operand.ITEM


def text_of(kind: Input, value: Any) -> str:
    """Return a stored value as the page shows it to be edited."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind is Input.MONEY and isinstance(value, int):
        return f"{in_major_units(value):.2f}"
    return str(value)


def value_from(kind: Input, text: str) -> Any:
    """Return the value behind a typed text; a text that is none stays one."""
    if kind is Input.YES_NO:
        return {"true": True, "false": False}.get(text, text)
    if kind is Input.MONEY and _DECIMAL.fullmatch(text):
        minor = Decimal(text) * 100
        return int(minor) if minor == minor.to_integral_value() else text
    if kind in {Input.WHOLE, Input.WEEKDAYS} and _WHOLE.fullmatch(text):
        return int(text)
    if kind is Input.NUMBER and _DECIMAL.fullmatch(text):
        number = Decimal(text)
        return int(number) if number == number.to_integral_value() else float(text)
    return text
