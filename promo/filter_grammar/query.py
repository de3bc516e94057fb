"""Filters in a query string, in every encoding that clients send.

Source: platform specification, "Filter query grammar".
"""

import json
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from promo.errors import InvalidQueryParams
from promo.filter_grammar.grammar import (
    CONDITIONS,
    JUNCTION,
    LIST_OPERATORS,
    OPERATORS,
    Condition,
    FieldFilter,
    Filter,
    format_sentence,
    parse_filter,
)

MAX_INDEX = 10_000
SEGMENTS = re.compile(r"\[([^\[\]]*)\]")
LITERAL = re.compile(
    r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s,'"\[\]]+))\s*(,|$)"""
)
QUOTED_LIST = re.compile(r"""\[\s*['"].*['"]\s*\]""", re.DOTALL)
DATE_WINDOW = re.compile(r"\[?(created_at|updated_at)\]?\[(before|after)\]")

QueryLists = Iterable[tuple[str, Sequence[str]]]


def parse_query_filter(
    query: QueryLists, *, fields: Collection[str] | None = None
) -> Filter:
    """Parse ``filters[<field>][conditions][<operator>][<index>]=<value>``.

    ``query`` is a query string as names and their values (``QueryDict.lists()``);
    other parameters are ignored. ``fields`` as in ``parse_filter``.

    Raises:
        InvalidQueryParams: a parameter under ``filters`` has another shape.
    """
    collected: dict[str, dict[str, list[tuple[int, str]]]] = {}
    body: dict[str, Any] = {}
    for name, values in query:
        path = _path(name)
        if path is None:
            continue
        if path == [JUNCTION]:
            body[JUNCTION] = values[-1]
            continue
        field, operator, index = _split(path)
        listed = collected.setdefault(field, {}).setdefault(operator, [])
        listed.extend((index, value) for value in values)
    for field, conditions in collected.items():
        body[field] = {
            CONDITIONS: {
                operator: _values(operator, listed)
                for operator, listed in conditions.items()
            }
        }
    return parse_filter(body, error=InvalidQueryParams, fields=fields)


def parse_date_windows(query: QueryLists) -> Filter:
    """Parse the shortcuts ``created_at[before]`` and ``[updated_at][after]``.

    The values stay text; whoever applies them refuses what is no date.
    """
    found: dict[str, list[Condition]] = {}
    for name, values in query:
        match = DATE_WINDOW.fullmatch(name)
        if match:
            condition = Condition(f"${match[2]}", (values[-1],))
            found.setdefault(match[1], []).append(condition)
    return Filter(
        tuple(FieldFilter(name, tuple(listed)) for name, listed in found.items())
    )


def _path(name: str) -> list[str] | None:
    """Return the keys below ``filters``, or None for another parameter."""
    head, bracket, rest = name.partition("[")
    keys: list[str] = SEGMENTS.findall(bracket + rest)
    if head:
        keys.insert(0, head)
    if keys[:1] != ["filters"]:
        return None
    if not keys[1:] or name != _rebuilt(head, keys):
        raise _malformed()
    return keys[1:]


def _rebuilt(head: str, keys: Sequence[str]) -> str:
    tail = keys[1:] if head else keys
    return head + "".join(f"[{key}]" for key in tail)


def _split(path: list[str]) -> tuple[str, str, int]:
    """Return field, operator and index (0 when there is none) of a parameter."""
    index = 0
    if path[-1] not in OPERATORS:
        index = _index(path[-1])
        path = path[:-1]
    if path[-2:-1] != [CONDITIONS] or path[-1] not in OPERATORS or not path[:-2]:
        raise _malformed()
    return ".".join(path[:-2]), path[-1], index


def _index(text: str) -> int:
    if text == "":
        return MAX_INDEX
    if not re.fullmatch(r"\d{1,5}", text, re.ASCII):
        raise _malformed()
    return int(text)


def _values(operator: str, listed: list[tuple[int, str]]) -> list[str]:
    """Put values in the order of their indexes, unpacking lists sent as text."""
    listed.sort(key=lambda pair: pair[0])
    values: list[str] = []
    for _, value in listed:
        values += _unpacked(operator, value)
    return values


def _unpacked(operator: str, value: str) -> list[str]:
    text = value.strip()
    if not (text.startswith("[") and text.endswith("]")):
        return [value]
    if operator not in LIST_OPERATORS and not QUOTED_LIST.fullmatch(text):
        return [value]
    listed = _json_list(text)
    if listed is None:
        listed = _literal_list(text[1:-1])
    return [value] if listed is None else listed


def _json_list(text: str) -> list[str] | None:
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if any(isinstance(value, dict | list) for value in listed):
        return None
    return [value if isinstance(value, str) else json.dumps(value) for value in listed]


def _literal_list(inside: str) -> list[str] | None:
    """Read ``'a', "b", 3``, the way Python prints a list."""
    values, position = [], 0
    while position < len(inside):
        match = LITERAL.match(inside, position)
        if match is None:
            return None
        quoted = match[1] if match[1] is not None else match[2]
        bare = match[3]
        values.append(bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        position = match.end()
    return values


def _malformed() -> InvalidQueryParams:
    return InvalidQueryParams(format_sentence(".filters"))
