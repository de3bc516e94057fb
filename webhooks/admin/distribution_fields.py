"""What a distribution's form asks for, and how that becomes its parts."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

Json = dict[str, Any]
#: At most so many of a kind are offered to choose from.
MOST_CHOICES = 500
UNITS = [
    ("MINUTE", "Minutes"),
    ("HOUR", "Hours"),
    ("DAY", "Days"),
    ("WEEK", "Weeks"),
]
NOTHING_SAID = {"default_language": "en", "languages": {"en": {}}}


def select(label: str, choices: Any = (), help_text: str = "") -> forms.ChoiceField:
    """Return a choice of few."""
    return forms.ChoiceField(
        label=label,
        choices=choices,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=help_text,
    )


def search(label: str, empty: str, help_text: str = "") -> "OneOf":
    """Return a choice among the project's things, by name."""
    return OneOf(label=label, empty=empty, help_text=help_text)


def number(label: str, help_text: str = "", least: int = 1) -> forms.IntegerField:
    """Return a whole number that may stay empty."""
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=2**31 - 1,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=help_text,
    )


def text(label: str, example: str = "", help_text: str = "") -> forms.CharField:
    """Return a line that may stay empty."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=2_048,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": example}),
        help_text=help_text,
    )


class OneOf(forms.ChoiceField):
    """A choice by id; what is stored stays offered, though it may be gone."""

    def __init__(self, *, empty: str, **options: Any) -> None:
        self.empty = empty
        options.setdefault("required", False)
        options.setdefault("widget", UnfoldAdminSelect2Widget)
        super().__init__(**options)

    def offer(self, rows: Iterable[tuple[str, str]], stored: str = "") -> None:
        """Offer ``rows``, id and name each."""
        offered = [*rows]
        if stored and stored not in dict(offered):
            offered.append((stored, f"{stored} (gone or not among the newest)"))
        self.choices = [("", self.empty), *offered]


class WordsWidget(forms.Widget):
    """What is said in each language: a tab a language, kept as JSON in one field."""

    def __init__(self, template: str) -> None:
        self.template = template
        super().__init__()

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None):  # type: ignore[no-untyped-def]
        said = value if isinstance(value, Mapping) else _read(value)
        context = {
            "name": name,
            "id": (attrs or {}).get("id", name),
            "said": json.dumps(said, ensure_ascii=False),
        }
        return render_to_string(self.template, context)


class WordsField(forms.Field):
    """The content of a channel by language, as the API takes it."""

    def __init__(self, template: str, **options: Any) -> None:
        super().__init__(
            required=False,
            widget=WordsWidget(template),
            initial=NOTHING_SAID,
            **options,
        )

    def to_python(self, value: Any) -> Any:
        return _read(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(_read(initial) != _read(data))


def _read(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value
    try:
        read = json.loads(value or "null")
    except ValueError:
        return NOTHING_SAID
    return read if isinstance(read, dict) and read else NOTHING_SAID


def without_blanks(content: Json) -> Json:
    """Return a content without texts that are empty: nobody wrote them."""
    languages = content.get("languages")
    if not isinstance(languages, Mapping):
        return content
    kept = {
        code: {name: said for name, said in words.items() if said}
        if isinstance(words, Mapping)
        else words
        for code, words in languages.items()
    }
    return {**content, "languages": kept}


def filled(pairs: Mapping[str, Any]) -> Json:
    """Return the settings that say something."""
    return {name: value for name, value in pairs.items() if value not in (None, "")}
