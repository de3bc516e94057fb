"""Serializer errors, in the words of the API.

A serializer reports every problem as nested lists and dicts; an answer names the
first one: ``Property .items[0].quantity must be integer``.
"""

from collections.abc import Iterator
from typing import Any

from rest_framework.exceptions import ErrorDetail
from rest_framework.settings import api_settings

#: DRF's own messages are whole sentences; these are ours in their place.
_WORDS = {
    "null": "must not be null",
    "blank": "must NOT have fewer than 1 characters",
    "empty": "must NOT have fewer than 1 items",
}


def sentence(detail: Any, whole: str = "Payload") -> str:
    """Return the first problem of ``detail`` as a sentence.

    ``whole`` is the word for the thing itself: ``Payload`` or ``Query``.
    """
    for path, problem in _problems(detail, ""):
        return _say(path, problem, whole)
    return f"{whole} is invalid"


def _problems(detail: Any, path: str) -> Iterator[tuple[str, ErrorDetail | str]]:
    if isinstance(detail, dict):
        for name, below in detail.items():
            yield from _problems(below, _step(path, name))
    elif isinstance(detail, list):
        for index, below in enumerate(detail):
            if isinstance(below, str):
                yield path, below
            else:
                yield from _problems(below, f"{path}[{index}]")
    else:
        yield path, detail


def _step(path: str, name: str | int) -> str:
    if name == api_settings.NON_FIELD_ERRORS_KEY:
        return path
    return f"{path}[{name}]" if isinstance(name, int) else f"{path}.{name}"


def _say(path: str, problem: ErrorDetail | str, whole: str) -> str:
    code = getattr(problem, "code", "")
    if code == "required":
        owner, _, name = path.rpartition(".")
        subject = f"Property {owner}" if owner else whole
        verb = "should" if owner or whole == "Query" else "must"
        return f"{subject} {verb} have required property '{name}'"
    if code == "sentence":
        return str(problem)
    subject = f"Property {path}" if path else whole
    words = _WORDS.get(code) if str(problem).startswith("This ") else None
    return f"{subject} {words or problem}"
