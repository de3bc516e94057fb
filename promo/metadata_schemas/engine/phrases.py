"""What a definition asks for, in the words of a refusal.

Source: data specification, "Metadata schemas, Validation".
"""

import json
from collections.abc import Iterator
from typing import Any

from promo.comparison import as_text
from promo.metadata_schemas.engine.definitions import UNKNOWN, Definition

_TYPES = {
    "string": "must be a string",
    "number": "must be a number",
    "boolean": "must be a boolean",
    "date": "must be an ISO-8601 date",
    "datetime": "must be an ISO-8601 datetime",
    "geopoint": "must be a geopoint",
    "image_url": "must be a URL pointing to JPG/JPEG or PNG resource",
}
_BOUNDS = {
    "lt": "must be lower than",
    "lte": "must be lower than or equal to",
    "gt": "must be greater than",
    "gte": "must be greater than or equal to",
}
NOT_DEFINED = "property is not defined in the schema"
LONGEST_VALUE = 200
_ABSENT = "undefined"
#: Stands for a key that is not there.
MISSING = object()


def phrases(definition: Definition) -> str:
    """Return all that ``definition`` asks for, joined by commas."""
    element = ", ".join(_phrases(definition))
    if definition.array:
        return f"must be an array, and every element: {element}"
    return element


def _phrases(definition: Definition) -> Iterator[str]:
    yield _type(definition)
    if not definition.optional:
        yield "property is required"
    yield from _lengths(definition)
    if definition.eq:
        yield f"must be equal to one of {_listed(definition.eq)}"
    if definition.ne:
        yield f"must not be equal to one of {_listed(definition.ne)}"
    for name, words in _BOUNDS.items():
        bound = getattr(definition, name)
        if bound is not None:
            yield f"{words} {as_text(bound)}"


def _type(definition: Definition) -> str:
    if definition.type in _TYPES:
        return _TYPES[definition.type]
    if definition.object_type in {None, UNKNOWN}:
        return "must be an object"
    return f"must be an object of type {definition.object_type}"


def _lengths(definition: Definition) -> Iterator[str]:
    least, most = definition.min_length, definition.max_length
    if least is not None and most is not None:
        yield f"must have length between {least} and {most}"
    elif least is not None:
        yield f"must have length of at least {least}"
    elif most is not None:
        yield f"must have length of at most {most}"
    if definition.exact_length is not None:
        yield f"must have length exactly {definition.exact_length}"


def _listed(values: tuple[Any, ...]) -> str:
    return ",".join(str(as_text(value)) for value in values)


def sentence(key: str, phrase: str, value: Any) -> str:
    """Return what is wrong with a key that holds ``value``."""
    return f"{key}: {phrase} (actual value is '{told(value)}')"


def told(value: Any) -> str:
    """Return a value as a refusal shows it; a long one is cut."""
    if value is MISSING:
        return _ABSENT
    text = as_text(value)
    if text is None:
        text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
