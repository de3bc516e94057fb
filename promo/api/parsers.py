"""Reading JSON strictly: what the database or the engine could not hold is refused."""

import json
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

MAX_DEPTH = 64
_MAX_INTEGER = 2**63 - 1
_MAX_DIGITS = 400
_OPENING = ("{", "[")
# Only an escape can put these into a text: JSON holds no raw NUL, UTF-8 no surrogate.
_ESCAPED = "\\u"
_UNFIT = re.compile("[\x00\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """JSON objects of bounded depth, without NaN, NUL or numbers beyond 64 bits."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw = stream.read()
        if not raw.strip():
            return {}
        try:
            text = raw.decode("utf-8-sig")
            found = json.loads(
                text,
                parse_constant=_refuse_constant,
                parse_int=_integer,
                parse_float=_fraction,
            )
        except (ValueError, RecursionError) as wrong:
            message = "Malformed JSON"
            raise ParseError(message) from wrong
        if not isinstance(found, dict | list):
            message = "Payload must be object"
            raise ParseError(message)
        if _ESCAPED in text or sum(map(text.count, _OPENING)) > MAX_DEPTH:
            _check(found, MAX_DEPTH)
        return found


def _refuse_constant(name: str) -> NoReturn:
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
        message = f"Payload must not be nested deeper than {MAX_DEPTH} levels"
        raise ParseError(message)
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
    if _UNFIT.search(text):
        message = "Payload must not contain NUL or unpaired surrogate characters"
        raise ParseError(message)
