"""Filling templates in: as plain text, as HTML, as one line."""

from collections.abc import Mapping
from html import escape
from typing import Any

from webhooks.engine.messages.placeholders import Placeholder, Template
from webhooks.engine.messages.values import Voice


def fill(template: Template, data: Mapping[str, Any], voice: Voice) -> str:
    """Return the text with its values as they are."""
    return "".join(
        part.text(data, voice) if isinstance(part, Placeholder) else part
        for part in template.parts
    )


def fill_line(template: Template, data: Mapping[str, Any], voice: Voice) -> str:
    """Return the text as one line, whatever the values hold: a subject."""
    return " ".join(fill(template, data, voice).split())


def fill_html(
    template: Template,
    data: Mapping[str, Any],
    voice: Voice,
    markup: Mapping[str, str] | None = None,
) -> str:
    """Return the HTML with its values escaped.

    ``markup`` holds HTML of our own by name, for placeholders that stand for more than
    a value: a picture.
    """
    ready = markup or {}
    return "".join(_shown(part, data, voice, ready) for part in template.parts)


def _shown(
    part: str | Placeholder,
    data: Mapping[str, Any],
    voice: Voice,
    markup: Mapping[str, str],
) -> str:
    if isinstance(part, str):
        return part
    if len(part.path) == 1 and part.root in markup:
        return markup[part.root]
    return escape(part.text(data, voice))
