"""Reading JSON strictly: what the database or the engine could not hold is refused."""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

MAX_DEPTH = 64
_MAX_INTEGER = 2**63 - 1
_MAX_DIGITS = 400
_OPENING = ("{", "[")
# Only an escape can put these into a text: JSON holds no raw NUL, UTF-8 no surrogate.
_ESCAPED = "\\u"
_UNFIT = re.compile("[\x00\ud800-\udfff]")


class TooDeep(ValueError):
    """Something is nested deeper than ``MAX_DEPTH`` levels."""


class UnfitText(ValueError):
    """A text holds NUL or half of a surrogate pair."""


@dataclass(frozen=True, slots=True)
class StrictJson:
    """A JSON value as it was read, and the text that it was."""

    value: Any
    text: str

    def check(self) -> None:
        """Refuse what nobody could keep; the value is looked through only if it may be.

        Raises:
            TooDeep: it is nested too deeply.
            UnfitText: a text or a name in it cannot be stored.
        """
        if _ESCAPED in self.text or sum(map(self.text.count, _OPENING)) > MAX_DEPTH:
            _check(self.value, MAX_DEPTH)


def read_json(raw: bytes) -> StrictJson:
    """Return the JSON value in ``raw``, not checked yet.

    Raises:
        ValueError: it is no JSON in UTF-8, or holds NaN or a number beyond 64 bits.
    """
    text = raw.decode("utf-8-sig")
    try:
        found = json.loads(
            text, parse_constant=_refuse, parse_int=_integer, parse_float=_fraction
        )
    except RecursionError as wrong:
        msg = "nested too deeply to be read"
        raise ValueError(msg) from wrong
    return StrictJson(found, text)


def is_unfit(text: str) -> bool:
    """Say whether the database could not hold a text."""
    return _UNFIT.search(text) is not None


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS or abs(number := int(text)) > _MAX_INTEGER:
        raise ValueError(text)
    return number


def _fraction(text: str) -> float:
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise ValueError(text)
    return number


def _check(value: Any, depth: int) -> None:
    if depth < 0:
        raise TooDeep
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name)
            _check(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth - 1)


def _check_text(text: str) -> None:
    if is_unfit(text):
        raise UnfitText
