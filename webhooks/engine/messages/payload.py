"""The designed body of a distribution's webhook: JSON with placeholders.

In quotes a placeholder is text, ``"Hello {{customer.name}}"``; without them it is the
value itself, ``{"items": {{order.items}}}``, null where there is none. Keys may hold
placeholders as well.

Source: platform specification, "Distribution events".
"""

import json
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from webhooks.engine.messages.placeholders import (
    UNSENDABLE,
    BrokenTemplate,
    Placeholder,
    Template,
    read_placeholder,
    read_template,
)
from webhooks.engine.messages.text import fill
from webhooks.engine.messages.values import Voice

#: The longest design that is taken, in characters, and how deep it may go.
LONGEST = 50_000
_DEEPEST = 40
#: Strings stay as they are; what looks like a placeholder outside them is one.
_PIECE = re.compile(r'\{\{(.*?)\}\}|"(?:[^"\\]|\\.)*"|NaN|-?Infinity', re.DOTALL)
#: Stands for an unquoted placeholder while JSON is read: nothing else writes it.
_STAND_IN = "NaN"


@dataclass(frozen=True, slots=True)
class Payload:
    """A design that was read; ``root`` holds templates where text has been."""

    root: Any


def read_payload(text: str, known: Collection[str] = ()) -> Payload:
    """Return the design behind ``text``.

    ``known`` are the first keys that placeholders may have; without any, all.

    Raises:
        BrokenTemplate: no JSON, or a broken placeholder; ``path`` is where it stands.
    """
    if len(text) > LONGEST:
        msg = f"must be at most {LONGEST:,} characters long"
        raise BrokenTemplate(msg)
    unquoted: list[Placeholder] = []

    def hold(piece: re.Match[str]) -> str:
        if piece.group(1) is not None:
            unquoted.append(read_placeholder(piece.group(1), known))
            return _STAND_IN
        if piece.group().startswith('"'):
            return piece.group()
        msg = f"must not hold {piece.group()}: no JSON knows it"
        raise BrokenTemplate(msg)

    plain = _PIECE.sub(hold, text)
    waiting = iter(unquoted)
    try:
        # Constants are read in the order in which they stand.
        root = json.loads(plain, parse_constant=lambda _: next(waiting))
    except json.JSONDecodeError as wrong:
        msg = f"must be JSON, found none at line {wrong.lineno}: {wrong.msg}"
        raise BrokenTemplate(msg) from wrong
    except ValueError as wrong:
        msg = "must be JSON with numbers of a usual length"
        raise BrokenTemplate(msg) from wrong
    except RecursionError:
        _too_deep("")
    return Payload(_compiled(root, known, "", 0))


def render_payload(payload: Payload, data: Mapping[str, Any], voice: Voice) -> Any:
    """Return the JSON that a receiver gets for ``data``."""
    return _filled(payload.root, data, voice)


def _compiled(value: Any, known: Collection[str], path: str, depth: int) -> Any:
    if depth > _DEEPEST:
        _too_deep(path)
    if isinstance(value, dict):
        return [
            (
                _text(key, known, f"{path}.{key}"),
                _compiled(each, known, f"{path}.{key}", depth + 1),
            )
            for key, each in value.items()
        ]
    if isinstance(value, list):
        return tuple(
            _compiled(each, known, f"{path}[{place}]", depth + 1)
            for place, each in enumerate(value)
        )
    if isinstance(value, float) and not math.isfinite(value):
        msg = "must not hold a number as large as this"
        raise BrokenTemplate(msg, path)
    return _text(value, known, path) if isinstance(value, str) else value


def _text(text: str, known: Collection[str], path: str) -> Template:
    if UNSENDABLE.search(text):
        msg = "must not hold characters that no text can have"
        raise BrokenTemplate(msg, path.encode("utf-8", "replace").decode())
    try:
        return read_template(text, known)
    except BrokenTemplate as broken:
        raise BrokenTemplate(str(broken), path) from broken


def _filled(node: Any, data: Mapping[str, Any], voice: Voice) -> Any:
    """Return a node filled in: lists of pairs are objects, tuples are lists."""
    if isinstance(node, list):
        pairs = cast("list[tuple[Template, Any]]", node)
        return {
            fill(key, data, voice): _filled(each, data, voice) for key, each in pairs
        }
    if isinstance(node, tuple):
        return [_filled(each, data, voice) for each in node]
    if isinstance(node, Template):
        return fill(node, data, voice)
    if isinstance(node, Placeholder):
        return node.value(data, voice)
    return node


def _too_deep(path: str) -> NoReturn:
    msg = f"must not be nested deeper than {_DEEPEST} levels"
    raise BrokenTemplate(msg, path)
