"""Placeholders in what a distribution says: ``{{customer.name}}``.

A placeholder names a value by its path: keys joined by dots, items of a list by their
place, ``{{order.items[0].product.name}}``, and keys with blanks in brackets,
``{{customer.metadata["first name"]}}``. ``as money`` and ``as date`` write a value as
people read it, ``or "friend"`` stands in where there is none.

Source: platform specification, "Distribution events".
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from webhooks.engine.messages.values import FORMS, Voice, lookup, written

_MARK = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_NAME = r'[^\s.\[\]{}"]+'
_STEP = rf'\.{_NAME}|\[\d{{1,4}}\]|\["[^"\n]*"\]'
_WHOLE = re.compile(
    rf"\s*(?P<path>{_NAME}(?:{_STEP})*)"
    r"(?:\s+as\s+(?P<form>\w+))?"
    r'(?:\s+or\s+"(?P<otherwise>[^"]*)")?\s*'
)
_STEPS = re.compile(rf'(?P<name>{_NAME})|\[(?P<place>\d+)\]|\["(?P<key>[^"]*)"\]')
_LONGEST_SHOWN = 60
#: What neither a message nor the database can hold.
UNSENDABLE = re.compile("[\x00\ud800-\udfff]")


class BrokenTemplate(Exception):
    """A template that cannot be read; ``path`` is where, the text says what must be."""

    def __init__(self, words: str, path: str = "") -> None:
        super().__init__(words)
        self.path = path


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One value to fill in; ``form`` is empty for the value as it is."""

    path: tuple[str | int, ...]
    form: str = ""
    otherwise: str | None = None

    @property
    def root(self) -> str:
        """The first key of the path, ``customer``."""
        return str(self.path[0])

    def value(self, data: Any, voice: Voice) -> Any:
        """Return the value itself, or its text where a form is asked for."""
        found = lookup(data, self.path)
        if found is None:
            return self.otherwise
        return written(found, self.form, voice) if self.form else found

    def text(self, data: Any, voice: Voice) -> str:
        """Return the value as text, empty where there is none."""
        found = lookup(data, self.path)
        if found is None or found == "":
            return self.otherwise or ""
        return written(found, self.form, voice)


@dataclass(frozen=True, slots=True)
class Template:
    """Text with placeholders, in the order in which they are read."""

    parts: tuple[str | Placeholder, ...]

    @property
    def placeholders(self) -> Iterator[Placeholder]:
        """The placeholders alone."""
        return (part for part in self.parts if isinstance(part, Placeholder))


def read_template(text: str, known: Collection[str] = ()) -> Template:
    """Return ``text`` as a template.

    ``known`` are the first keys that there will be values for; without any, every key
    is taken.

    Raises:
        BrokenTemplate: a placeholder is not closed, is not written as one, or begins
            with what is not known.
    """
    parts: list[str | Placeholder] = []
    end = 0
    for mark in _MARK.finditer(text):
        _push(parts, text[end : mark.start()])
        parts.append(read_placeholder(mark.group(1), known))
        end = mark.end()
    rest = text[end:]
    if "{{" in rest:
        begun = rest[rest.index("{{") :]
        msg = f"must close every placeholder with }}}}, found {_shown(begun)}"
        raise BrokenTemplate(msg)
    _push(parts, rest)
    return Template(tuple(parts))


def read_placeholder(inside: str, known: Collection[str] = ()) -> Placeholder:
    """Return what stands between ``{{`` and ``}}``.

    Raises:
        BrokenTemplate: as ``read_template``.
    """
    whole = _WHOLE.fullmatch(inside)
    if whole is None:
        msg = (
            "must have placeholders such as {{customer.name}} or "
            f"{{{{order.items[0].product.name}}}}, found {_shown('{{' + inside + '}}')}"
        )
        raise BrokenTemplate(msg)
    form = whole["form"] or ""
    if form and form not in FORMS:
        msg = f"must write values as {' or as '.join(FORMS)}, found as {form}"
        raise BrokenTemplate(msg)
    found = Placeholder(_path(whole["path"]), form, whole["otherwise"])
    if known and found.root not in known:
        names = ", ".join(sorted(known))
        msg = f"must begin placeholders with one of {names}, found {found.root}"
        raise BrokenTemplate(msg + _meant(found.root, known))
    return found


def _meant(root: str, known: Collection[str]) -> str:
    """Return a question about the known key that looks most like ``root``, if any."""
    nearest = get_close_matches(root, sorted(known), n=1)
    return f": was {nearest[0]} meant?" if nearest else ""


def _path(text: str) -> tuple[str | int, ...]:
    return tuple(
        int(step["place"]) if step["place"] else step["name"] or step["key"] or ""
        for step in _STEPS.finditer(text)
    )


def _push(parts: list[str | Placeholder], text: str) -> None:
    if text:
        parts.append(text)


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
