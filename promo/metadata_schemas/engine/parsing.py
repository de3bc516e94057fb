"""Reading the definitions that a caller sends.

Every key has its name in the management API and, of several words, a camel-case one
in the API of version 1; both are read everywhere.

Source: data specification, "Metadata schemas".
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from promo.comparison import as_number
from promo.errors import InvalidPayload
from promo.metadata_schemas.engine.definitions import (
    MOST_DEFINITIONS,
    STANDARD,
    TYPES,
    UNKNOWN,
    WITH_GEOPOINTS,
    Definition,
)

LONGEST_NAME = 255
MOST_VALUES = 1_000
LONGEST_VALUE = 255
LARGEST_LENGTH = 1_000_000
_DECIMALS = 2
_LENGTHS = ("min_length", "exact_length", "max_length")
_BOUNDS = ("lt", "lte", "gt", "gte")
CAMEL = {
    "object_type": "objectType",
    "min_length": "minLength",
    "max_length": "maxLength",
    "exact_length": "exactLength",
}
#: The types that a key is for; what is not listed is for all.
_FOR = {
    "object_type": ("object",),
    **dict.fromkeys(_LENGTHS, ("string",)),
    "eq": ("string", "number"),
    "ne": ("number",),
    **dict.fromkeys(_BOUNDS, ("number",)),
}
Definitions = Mapping[str, Definition]


def changed_definitions(
    stored: Definitions, sent: Mapping[str, Any], related_object: str
) -> dict[str, Definition]:
    """Return the definitions of a resource after ``sent`` came in.

    What is not sent stays, what is sent is replaced as a whole.

    Raises:
        InvalidPayload: a definition of another shape, a changed type, or too many.
    """
    definitions = dict(stored)
    for key, body in sent.items():
        path = f".properties.{key}"
        check_key(key, path)
        made = parse_definition(body, path)
        _check_place(made, path, related_object)
        known = definitions.get(key)
        if known is not None and known.type != made.type:
            raise InvalidPayload(f"Property {path}.type cannot change: {known.type}")
        definitions[key] = made
    if len(definitions) > MOST_DEFINITIONS:
        raise InvalidPayload(
            f"Property .properties must NOT have more than {MOST_DEFINITIONS} items"
        )
    return definitions


def check_key(key: str, path: str) -> None:
    """Refuse a key without a name, or with too long a one.

    Raises:
        InvalidPayload: as it says; the details start with ``path``.
    """
    if not 1 <= len(key) <= LONGEST_NAME:
        most = f"must NOT have more than {LONGEST_NAME} characters"
        fault = most if key else "must have a name"
        raise InvalidPayload(f"Property {path} {fault}")


def parse_definition(body: Any, path: str, types: Sequence[str] = TYPES) -> Definition:
    """Return one definition; a key that is not sent, or null, has its default.

    ``types`` are those that it may have.

    Raises:
        InvalidPayload: it has another shape; the details start with ``path``.
    """
    if not isinstance(body, Mapping):
        raise InvalidPayload(f"Property {path} must be object")
    sent = {name: _sent(body, name) for name in ("type", *_READ)}
    kind = sent.pop("type")
    if kind is None:
        raise InvalidPayload(f"Property {path} should have required property 'type'")
    if kind not in types:
        allowed = ", ".join(types)
        raise InvalidPayload(
            f"Property {path}.type must be equal to one of the allowed values "
            f"[ {allowed} ]"
        )
    read: dict[str, Any] = {}
    for name, value in sent.items():
        if value is None or value == []:
            continue
        where = f"{path}.{name}"
        if kind not in _FOR.get(name, TYPES):
            only = " or ".join(_FOR[name])
            raise InvalidPayload(f"Property {where} is only for the type {only}")
        read[name] = _READ[name](value, where, kind)
    _check_lengths(read, path)
    return Definition(type=kind, **read)


def _sent(body: Mapping[str, Any], name: str) -> Any:
    found = body.get(name)
    return body.get(CAMEL.get(name, name)) if found is None else found


def _flag(value: Any, path: str, _kind: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidPayload(f"Property {path} must be boolean")
    return value


def _text(value: Any, path: str, _kind: str) -> str:
    if not isinstance(value, str):
        raise InvalidPayload(f"Property {path} must be string")
    if len(value) > LONGEST_VALUE:
        most = f"must NOT have more than {LONGEST_VALUE} characters"
        raise InvalidPayload(f"Property {path} {most}")
    return value


def _length(value: Any, path: str, _kind: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidPayload(f"Property {path} must be integer")
    if not 0 <= value <= LARGEST_LENGTH:
        raise InvalidPayload(f"Property {path} must be between 0 and {LARGEST_LENGTH}")
    return value


def _number(value: Any, path: str, _kind: str) -> int | float:
    number = None if isinstance(value, str) else as_number(value)
    if number is None:
        raise InvalidPayload(f"Property {path} must be number")
    if int(number.normalize().as_tuple().exponent) < -_DECIMALS:
        raise InvalidPayload(f"Property {path} must be a multiple of 0.01")
    kept: int | float = value
    return kept


def _list(value: Any, path: str, kind: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise InvalidPayload(f"Property {path} must be array")
    if len(value) > MOST_VALUES:
        raise InvalidPayload(
            f"Property {path} must NOT have more than {MOST_VALUES} items"
        )
    read = _text if kind == "string" else _number
    return tuple(
        read(each, f"{path}[{index}]", kind) for index, each in enumerate(value)
    )


_READ: dict[str, Callable[[Any, str, str], Any]] = {
    "array": _flag,
    "optional": _flag,
    "deleted": _flag,
    "object_type": _text,
    **dict.fromkeys(_LENGTHS, _length),
    "eq": _list,
    "ne": _list,
    **dict.fromkeys(_BOUNDS, _number),
}


def _check_lengths(read: Mapping[str, Any], path: str) -> None:
    """Refuse lengths that no string can have."""
    given = [read[name] for name in _LENGTHS if name in read]
    if given != sorted(given):
        raise InvalidPayload(f"Property {path} has lengths that exclude each other")


def _check_place(definition: Definition, path: str, related_object: str) -> None:
    """Refuse a type that the resource cannot have."""
    if definition.type == "geopoint" and related_object not in WITH_GEOPOINTS:
        raise InvalidPayload(
            f"Property {path}.type geopoint is only for customers and products"
        )
    if definition.type != "object":
        return
    if related_object not in STANDARD:
        raise InvalidPayload(
            f"Property {path}.type object is not for the schema of a nested object"
        )
    if definition.object_type in STANDARD:
        raise InvalidPayload(
            f"Property {path}.object_type must name the schema of a nested object"
        )


def named_schemas(definitions: Definitions) -> frozenset[str]:
    """Return the schemas of nested objects that living definitions name."""
    named = (each.object_type for each in definitions.values() if not each.deleted)
    return frozenset(name for name in named if name and name != UNKNOWN)
