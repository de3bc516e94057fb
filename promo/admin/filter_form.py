"""Forms of what a filter fills: plain fields for most, JSON for the rest."""

from typing import Any, ClassVar

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from promo.admin.forms import ProjectForm
from promo.admin.simple_filter import Json, SimpleFilter
from promo.errors import PromoError

SIMPLE, ADVANCED = "simple", "json"


def text_field(label: str, example: str, **options: Any) -> forms.CharField:
    """Return a field that may stay empty; ``example`` shows in it."""
    widget = UnfoldAdminTextInputWidget(attrs={"placeholder": example})
    return forms.CharField(label=label, required=False, widget=widget, **options)


def builder_field(label: str, by_fields: str) -> forms.ChoiceField:
    """Return the choice between plain fields, which ``by_fields`` names, and JSON."""
    return forms.ChoiceField(
        label=label,
        choices=[(SIMPLE, by_fields), (ADVANCED, "A filter as JSON")],
        widget=UnfoldAdminSelectWidget,
        required=False,
    )


def metadata_fields(key: str, values: str) -> tuple[forms.CharField, forms.CharField]:
    """Return the fields for metadata; ``key`` and ``values`` show in them."""
    return (
        text_field("Metadata key", key, help_text="As your shop sends it."),
        text_field("Holds one of", values, help_text="Separated by commas."),
    )


def read_values(form: forms.BaseForm, key: str, values: str) -> None:
    """Clean a text of values into their list; they and their ``key`` go together."""
    cleaned = form.cleaned_data
    texts = str(cleaned.get(values) or "").split(",")
    cleaned[values] = [text.strip() for text in texts if text.strip()]
    if bool(cleaned.get(key)) is not bool(cleaned[values]):
        form.add_error(values, "Give both the key and its values.")


def filter_conditions(simple: SimpleFilter, dynamic: str) -> dict[str, str]:
    """Return when each field of a filter shows; ``dynamic`` is when any does."""
    return {
        "builder": dynamic,
        **dict.fromkeys(simple.names, f"{dynamic} && builder == '{SIMPLE}'"),
        "filter": f"{dynamic} && builder == '{ADVANCED}'",
    }


class FilterForm(ProjectForm):
    """A form with a ``filter``, which ``simple`` can say in plain fields.

    What is stored keeps its ``type``, and what else is ``only_new``; the filter may
    change where the type is ``filtered``.
    """

    simple: ClassVar[SimpleFilter]
    filtered: ClassVar[str]
    only_new: ClassVar[tuple[str, ...]]
    builder = builder_field("What fits", "What meets all of these")
    metadata_key, metadata_values = metadata_fields("season", "summer, winter")

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        stored = self.instance
        if not stored.created_at:
            return
        for name in ("type", *self.only_new):
            self.fields.pop(name, None)
        if stored.type != self.filtered:
            self._hide_filter()
        self._show_filter(stored.filter or {})

    def _show_filter(self, stored: Json) -> None:
        """Fill the fields with a stored filter."""
        simple = self.simple.values_of(stored)
        self.initial["builder"] = ADVANCED if simple is None else SIMPLE
        if simple:
            joined = ", ".join(simple.get("metadata_values", []))
            self.initial.update(simple, metadata_values=joined)

    def _hide_filter(self) -> None:
        """Leave out the fields: what is shown is filled another way."""
        for name in ("builder", *self.simple.names, "filter"):
            self.fields.pop(name, None)

    def clean(self) -> Json | None:
        cleaned = super().clean() or self.cleaned_data
        read_values(self, "metadata_key", "metadata_values")
        return cleaned

    @property
    def filter_sent(self) -> Json:
        """The filter that the fields say."""
        values = self.cleaned_data
        by_json = values["builder"] == ADVANCED
        stated: Json = values["filter"]
        return stated if by_json else self.simple.filter_from(values)

    def _place(self, refused: PromoError) -> tuple[str | None, str]:
        """Show what is wrong with the filter where the filter is shown."""
        field, text = super()._place(refused)
        is_simple = self.cleaned_data.get("builder") == SIMPLE
        return ("builder" if field == "filter" and is_simple else field), text
