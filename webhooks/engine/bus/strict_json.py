"""Reading JSON of records: what the database could not hold is refused."""

from typing import Any

from promo.strict_json import MAX_DEPTH, TooDeep, UnfitText, is_unfit, read_json

_UNFIT = "The value must not contain NUL or unpaired surrogates"


class Unreadable(ValueError):
    """A record that nobody can read; the message says why."""


def read(raw: bytes) -> Any:
    """Return the JSON value in ``raw``.

    Raises:
        Unreadable: it is no JSON in UTF-8, nested deeper than ``MAX_DEPTH`` levels, or
            holds NaN, NUL or a number beyond 64 bits.
    """
    try:
        found = read_json(raw)
    except ValueError as wrong:
        raise Unreadable("The value must be JSON in UTF-8") from wrong
    try:
        found.check()
    except TooDeep as wrong:
        details = f"The value must not be nested deeper than {MAX_DEPTH} levels"
        raise Unreadable(details) from wrong
    except UnfitText as wrong:
        raise Unreadable(_UNFIT) from wrong
    return found.value


def check_text(text: str) -> None:
    """Refuse a text that the database could not hold.

    Raises:
        Unreadable: always then.
    """
    if is_unfit(text):
        raise Unreadable(_UNFIT)
