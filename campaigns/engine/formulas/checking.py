"""Formulas in bodies: refused when they are saved, never when they are read again.

What is stored may be older than the language of today. Read again, a formula that is
none has no value, and the number beside it counts.

Source: rules specification, "Where formulas occur".
"""

from typing import Any

from campaigns.engine.applicability import ApplicableTo
from campaigns.engine.discounts import Discount
from campaigns.engine.formulas.parsing import FormulaError, parse_formula
from campaigns.engine.numbers import optional_text
from promo.errors import InvalidPayload

_SUFFIX = "_formula"


def formula_text(value: Any, path: str) -> str | None:
    """Return a formula as sent or as stored; None where there is none.

    Raises:
        InvalidPayload: it is no text.
    """
    text = optional_text(value, path)
    return text if text and text.strip() else None


def check_discount(discount: Discount, path: str) -> None:
    """Refuse a discount of which a formula cannot be read; ``path`` is where it lies.

    Raises:
        InvalidPayload: naming the formula and what is wrong with it.
    """
    for name, text in discount.formulas.items():
        _check(text, f"{path}.{name}{_SUFFIX}")
    for index, unit in enumerate(discount.units):
        if unit.unit_off_formula is not None:
            _check(unit.unit_off_formula, f"{path}.units[{index}].unit_off{_SUFFIX}")


def check_lists(lists: ApplicableTo | None, path: str = ".applicable_to") -> None:
    """Refuse lists of items with an entry of which a formula cannot be read.

    Raises:
        InvalidPayload: naming the formula and what is wrong with it.
    """
    if lists is None:
        return
    for side, entries in (("included", lists.included), ("excluded", lists.excluded)):
        for index, entry in enumerate(entries):
            for name, value in entry.definition.items():
                if name.endswith(_SUFFIX):
                    _check(value, f"{path}.{side}[{index}].{name}")


def _check(text: str, path: str) -> None:
    try:
        parse_formula(text)
    except FormulaError as wrong:
        raise InvalidPayload(f"Property {path} must be a formula: {wrong}") from wrong
