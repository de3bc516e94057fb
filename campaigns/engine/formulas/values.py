"""Values of a formula: numbers, texts, dates, truths and arrays of them."""

from decimal import Decimal
from typing import Any

from promo.comparison import as_number


class NoValue(Exception):
    """A part of the formula has no value; the text says why."""


def number(value: Any) -> Decimal:
    """Return ``value`` as the number it is.

    Raises:
        NoValue: it is text, a date, a truth or an array, or not finite.
    """
    if isinstance(value, Decimal) and value.is_finite():
        return value
    msg = f"{shown(value)} is not a number"
    raise NoValue(msg)


def as_truth(value: Any) -> bool:
    """Return ``value`` as the condition it is.

    Raises:
        NoValue: it is no condition.
    """
    if isinstance(value, bool):
        return value
    msg = f"{shown(value)} is not a condition"
    raise NoValue(msg)


def of_metadata(stored: Any) -> Any:
    """Return stored metadata as a formula sees it.

    Numbers and numeric texts are numbers, booleans the texts ``true`` and ``false``,
    arrays tuples; objects and null are no value.
    """
    if isinstance(stored, bool):
        return "true" if stored else "false"
    if isinstance(stored, list | tuple):
        found = (of_metadata(one) for one in stored)
        return tuple(one for one in found if one is not None)
    known = as_number(stored)
    if known is not None:
        return known
    return stored if isinstance(stored, str) else None


def shown(value: Any) -> str:
    """Return ``value`` as an explanation shows it, not at any length."""
    if isinstance(value, tuple):
        return "a list"
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


LONGEST_SHOWN = 40
