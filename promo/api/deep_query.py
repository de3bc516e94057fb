"""Objects and arrays written into a query string: ``item[0][price]=100``.

Source: client-side API, "Validate voucher": parameters of style ``deepObject``.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.http import QueryDict

from promo.errors import InvalidQueryParams

_PART = re.compile(r"\[([^\[\]]*)\]")
_WHOLE = re.compile(r"-?\d{1,15}", re.ASCII)
MOST_PARTS = 6


def nested(query: QueryDict, name: str) -> Any:
    """Return what stands below ``name``, None when nothing does; values are texts.

    A name alone gives its text, names in brackets an object; numbers in brackets, or
    empty ones, an array.

    Raises:
        InvalidQueryParams: brackets that do not match, or too many of them.
    """
    held: dict[str, Any] = {}
    for parts, value in _found(query, name):
        if not parts:
            return value
        if len(parts) > MOST_PARTS:
            raise InvalidQueryParams(f"Property .{name} is too deep")
        _put(held, parts, value, name)
    return _folded(held) if held else None


def whole_numbers(value: Any, names: frozenset[str]) -> Any:
    """Return ``value`` with the texts called ``names`` as the whole numbers they are.

    Other texts stay, for whoever reads them to refuse.
    """
    if isinstance(value, list):
        return [whole_numbers(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: int(each)
        if name in names and isinstance(each, str) and _WHOLE.fullmatch(each)
        else whole_numbers(each, names)
        for name, each in value.items()
    }


def _found(query: QueryDict, name: str) -> Iterator[tuple[list[str], str]]:
    """Return the names in brackets behind ``name`` with each value."""
    for key, values in query.lists():
        if key != name and not key.startswith(f"{name}["):
            continue
        rest = key[len(name) :]
        if _PART.sub("", rest):
            raise InvalidQueryParams(f"Property .{name} must be written with brackets")
        for value in values:
            yield _PART.findall(rest), value


def _put(held: dict[str, Any], parts: list[str], value: str, name: str) -> None:
    *path, last = parts
    for part in path:
        held = held.setdefault(part or str(len(held)), {})
        if not isinstance(held, dict):
            raise InvalidQueryParams(f"Property .{name} is both a value and an object")
    if isinstance(held.get(last), dict):
        raise InvalidQueryParams(f"Property .{name} is both a value and an object")
    held[last or str(len(held))] = value


def _folded(value: Any) -> Any:
    """Return objects whose names are all numbers as arrays, in their order."""
    if not isinstance(value, dict):
        return value
    inner = {key: _folded(each) for key, each in value.items()}
    if all(key.isascii() and key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
