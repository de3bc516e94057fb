"""Whether metadata satisfy their schema, and how they are stored.

Source: data specification, "Metadata schemas, Validation".
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from promo.comparison import as_moment, as_number
from promo.geometry import written_geopoint
from promo.metadata_schemas.engine.definitions import Definition, Schema, Schemas
from promo.metadata_schemas.engine.phrases import (
    MISSING,
    NOT_DEFINED,
    phrases,
    sentence,
)

_IMAGE = re.compile(r".+\.(jpe?g|png)", re.IGNORECASE)
_BOUNDS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
#: Stands for the stored form of a value that is wrong.
_WRONG: Any = object()


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check: what to store, and a sentence for every wrong key."""

    metadata: dict[str, Any]
    problems: tuple[str, ...]


def check(
    sent: Mapping[str, Any],
    schema: Schema,
    schemas: Schemas,
    *,
    result: Mapping[str, Any] | None = None,
) -> Checked:
    """Compare ``sent`` with ``schema``; ``schemas`` are those of nested objects.

    ``result`` are the metadata after the change: required keys are looked for there,
    and not at all where it is None. Geopoints are stored in one form, all else as it
    was sent.
    """
    problems: list[str] = []
    stored = _stored(sent, schema, schemas, "", problems)
    if result is not None:
        problems += _missing(result, schema, sent.keys(), "")
    return Checked(stored, tuple(problems))


def _stored(
    sent: Mapping[str, Any],
    schema: Schema,
    schemas: Schemas,
    prefix: str,
    problems: list[str],
) -> dict[str, Any]:
    """Return an object as it is stored; what is wrong goes to ``problems``."""
    living, stored = schema.living, dict(sent)
    for key, value in sent.items():
        definition, path = living.get(key), f"{prefix}{key}"
        if definition is not None:
            stored[key] = _value(value, definition, schemas, path, problems)
        elif schema.defined_only:
            problems.append(f"{path}: {NOT_DEFINED}")
    return stored


def _missing(
    result: Mapping[str, Any], schema: Schema, sent: AbstractSet[str], prefix: str
) -> Iterator[str]:
    """Tell of required keys that are not there; those sent have been judged."""
    for key, definition in schema.living.items():
        value = result.get(key, MISSING)
        if definition.is_required and key not in sent and value in (MISSING, None):
            yield sentence(f"{prefix}{key}", phrases(definition), value)


def _value(
    value: Any,
    definition: Definition,
    schemas: Schemas,
    path: str,
    problems: list[str],
) -> Any:
    """Return a defined key's value as it is stored."""
    if value is None and definition.optional:
        return None
    values = value if definition.array else [value]
    read = _READ[definition.type]
    stored = [read(one, definition) for one in values] if _is_list(values) else _WRONG
    if stored is _WRONG or any(one is _WRONG for one in stored):
        problems.append(sentence(path, phrases(definition), value))
        return value
    nested = schemas.get(definition.object_type or "")
    if nested is not None:
        stored = [
            _nested(one, nested, f"{path}{place}.", problems)
            for one, place in zip(stored, _places(definition, stored), strict=True)
        ]
    return stored if definition.array else stored[0]


def _nested(
    value: Mapping[str, Any], schema: Schema, prefix: str, problems: list[str]
) -> dict[str, Any]:
    """Return an object of a schema of its own; it is always whole."""
    problems += _missing(value, schema, value.keys(), prefix)
    return _stored(value, schema, {}, prefix, problems)


def _places(definition: Definition, values: list[Any]) -> list[str]:
    return [f"[{n}]" if definition.array else "" for n in range(len(values))]


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _string(value: Any, wanted: Definition) -> Any:
    if not isinstance(value, str) or (wanted.eq and value not in wanted.eq):
        return _WRONG
    length = len(value)
    least, most, exact = wanted.min_length, wanted.max_length, wanted.exact_length
    fits = (
        (least is None or length >= least)
        and (most is None or length <= most)
        and exact in {None, length}
    )
    return value if fits else _WRONG


def _number(value: Any, wanted: Definition) -> Any:
    number = None if isinstance(value, str) else as_number(value)
    if number is None:
        return _WRONG
    if wanted.eq and number not in map(as_number, wanted.eq):
        return _WRONG
    for name, holds in _BOUNDS.items():
        bound = as_number(getattr(wanted, name))
        if bound is not None and not holds(number, bound):
            return _WRONG
    return _WRONG if number in map(as_number, wanted.ne) else value


def _boolean(value: Any, _wanted: Definition) -> Any:
    return value if isinstance(value, bool) else _WRONG


def _moment(value: Any, _wanted: Definition) -> Any:
    return value if isinstance(value, str) and as_moment(value, UTC) else _WRONG


def _image_url(value: Any, _wanted: Definition) -> Any:
    try:
        address = urlsplit(value) if isinstance(value, str) else None
    except ValueError:
        return _WRONG
    if address is None or address.scheme not in {"http", "https"}:
        return _WRONG
    return value if address.netloc and _IMAGE.fullmatch(address.path) else _WRONG


def _geopoint(value: Any, _wanted: Definition) -> Any:
    """Return ``geo:lat,lng``, also for a point that was written without ``geo:``."""
    return written_geopoint(value) or _WRONG


def _object(value: Any, _wanted: Definition) -> Any:
    return value if isinstance(value, Mapping) else _WRONG


_READ: dict[str, Callable[[Any, Definition], Any]] = {
    "string": _string,
    "number": _number,
    "boolean": _boolean,
    "date": _moment,
    "datetime": _moment,
    "image_url": _image_url,
    "geopoint": _geopoint,
    "object": _object,
}
