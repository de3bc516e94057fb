"""Reading bodies of requests: strict JSON objects and arrays."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from promo.strict_json import MAX_DEPTH, TooDeep, UnfitText, read_json


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
            found = read_json(raw)
        except ValueError as wrong:
            message = "Malformed JSON"
            raise ParseError(message) from wrong
        if not isinstance(found.value, dict | list):
            message = "Payload must be object"
            raise ParseError(message)
        try:
            found.check()
        except TooDeep as wrong:
            message = f"Payload must not be nested deeper than {MAX_DEPTH} levels"
            raise ParseError(message) from wrong
        except UnfitText as wrong:
            message = "Payload must not contain NUL or unpaired surrogate characters"
            raise ParseError(message) from wrong
        return found.value
