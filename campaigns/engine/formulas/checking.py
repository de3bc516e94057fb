"""Formulas in bodies: read when they are saved, so that what is stored can be read."""

from typing import Any

from campaigns.engine.formulas.parsing import FormulaError, parse_formula
from campaigns.engine.numbers import optional_text
from promo.errors import InvalidPayload


def formula_text(value: Any, path: str) -> str | None:
    """Return a formula as sent; None where there is none.

    Raises:
        InvalidPayload: it is no text or no formula; the details say what is wrong.
    """
    text = optional_text(value, path)
    if text is None or not text.strip():
        return None
    try:
        parse_formula(text)
    except FormulaError as wrong:
        raise InvalidPayload(f"Property {path} must be a formula: {wrong}") from wrong
    return text
