"""Bodies of webhooks that a marketer designed with ``{{customer.name}}`` in them.

The design is the text of a JSON value. A placeholder by itself stands for the whole
value, whatever its type; one within quotes is text inside that text. What nothing
stands behind is null by itself and empty within quotes.

Source: platform specification, "Distribution events".
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_PLACE = re.compile(r"\{\{\s*([^{}\s]{1,255})\s*\}\}")
#: A text in quotes, or a placeholder by itself.
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|' + _PLACE.pattern, re.DOTALL)
_STEP = re.compile(r"[^.\[\]]+")


def value_at(path: str, data: Any) -> Any:
    """Return what stands at ``order.items[0].name`` of ``data``, None for nothing.

    Items are counted from 0 and written in brackets or after a dot. A name with dots
    goes first where there is one.
    """
    if isinstance(data, Mapping) and path in data:
        return data[path]
    found = data
    steps = _STEP.findall(path)
    for place, step in enumerate(steps):
        rest = ".".join(steps[place:])
        if isinstance(found, Mapping) and rest in found:
            return found[rest]
        found = _step(step, found)
    return found


def _step(step: str, found: Any) -> Any:
    if isinstance(found, Mapping):
        return found.get(step)
    if isinstance(found, Sequence) and not isinstance(found, str) and step.isdecimal():
        place = int(step)
        return found[place] if place < len(found) else None
    return None


def filled(design: str, data: Mapping[str, Any]) -> Any:
    """Return the JSON value that a design comes to with ``data``.

    Raises:
        ValueError: the design is no JSON value around its placeholders.
    """

    def piece(found: re.Match[str]) -> str:
        if found[1] is not None:
            return json.dumps(value_at(found[1], data))
        return _PLACE.sub(inner, found[0])

    def inner(found: re.Match[str]) -> str:
        return json.dumps(_as_text(value_at(found[1], data)))[1:-1]

    return json.loads(_PIECE.sub(piece, design))


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
