"""Reading JSON of records: what the database could not hold is refused."""

import json
import re
from typing import Any, NoReturn

MAX_DEPTH = 64
_MAX_INTEGER = 2**63 - 1
_MAX_DIGITS = 400
_UNFIT = re.compile("[\x00\ud800-\udfff]")


class Unreadable(ValueError):
    """A record that nobody can read; the message says why."""


def read(raw: bytes) -> Any:
    """Return the JSON value in ``raw``.

    Raises:
        Unreadable: it is no JSON in UTF-8, nested deeper than ``MAX_DEPTH`` levels, or
            holds NaN, NUL or a number beyond 64 bits.
    """
    try:
        found = json.loads(
            raw.decode("utf-8-sig"),
            parse_constant=_refuse,
            parse_int=_integer,
            parse_float=_fraction,
        )
    except (ValueError, RecursionError) as wrong:
        raise Unreadable("The value must be JSON in UTF-8") from wrong
    _check(found, MAX_DEPTH)
    return found


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
        raise Unreadable(f"The value must not be nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            check_text(name)
            _check(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth - 1)


def check_text(text: str) -> None:
    """Refuse a text that the database could not hold.

    Raises:
        Unreadable: always then.
    """
    if _UNFIT.search(text):
        raise Unreadable("The value must not contain NUL or unpaired surrogates")
