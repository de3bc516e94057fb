"""The form of a metadata schema: a row for each definition, and some empty ones."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from promo.admin.commands import plain_id
from promo.admin.forms import CommandForm, ProjectForm
from promo.metadata_schemas.admin.rows import (
    PARTS,
    REQUIRED,
    bounds_nothing,
    definition_from,
    name_of,
    row_fields,
    row_values,
    types_for,
)
from promo.metadata_schemas.engine.definitions import STANDARD, Definition
from promo.metadata_schemas.models import MetadataSchema

#: Stands for a schema that is no resource's.
NESTED = "nested"
EMPTY_ROWS = 4


def keys_of(obj: Any, parts: Sequence[str], note: str) -> tuple[str, dict[str, Any]]:
    """Return the fieldset with the rows of ``obj``, and the empty ones behind them.

    ``obj`` has ``properties``; it is None for one that is being added.
    """
    count = (len(obj.properties) if obj else 0) + EMPTY_ROWS
    rows = tuple(tuple(name_of(row, part) for part in parts) for row in range(count))
    return "Keys", {"fields": rows, "description": note, "classes": ["promo-rows"]}


class RowsForm(ProjectForm):
    """Definitions in rows, the known ones first; ``parts`` is what a row consists of.

    A row without a key is empty: ``filled`` are the parts that need one.
    """

    parts: ClassVar[Sequence[str]]
    filled: ClassVar[Sequence[str]] = ()
    #: The definitions as stored, in the order of their rows.
    known: ClassVar[Sequence[tuple[str, Definition]]] = ()

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        seen: set[str] = set()
        for row in range(len(self.known) + EMPTY_ROWS):
            parts = self.parts_of(row)
            wants_key = parts["need"] == REQUIRED or any(
                parts[part] for part in self.filled
            )
            if parts["key"] and parts["key"] in seen:
                self.add_error(name_of(row, "key"), "This key has a row already.")
            elif not parts["key"] and wants_key:
                self.add_error(name_of(row, "key"), "Give the key a name.")
            seen.add(parts["key"])
        return cleaned

    def parts_of(self, row: int) -> dict[str, Any]:
        """Return what was typed into a row; what is wrong in itself is None."""
        return {part: self.cleaned_data.get(name_of(row, part)) for part in self.parts}

    def changed_rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the rows with a key in which something was typed, by their numbers."""
        for row in range(len(self.known) + EMPTY_ROWS):
            parts = self.parts_of(row)
            typed = {name_of(row, part) for part in self.parts}
            if parts["key"] and not typed.isdisjoint(self.changed_data):
                yield row, parts


class SchemaForm(RowsForm):
    """What the metadata of one resource hold."""

    parts = PARTS
    filled = ("allowed",)

    resource = forms.ChoiceField(
        label="Of",
        choices=[
            (NESTED, "Objects nested in other metadata"),
            *((name, name.replace("_", " ").capitalize()) for name in STANDARD),
        ],
        initial="customer",
        widget=UnfoldAdminSelectWidget,
    )
    nested_name = forms.CharField(
        label="Name",
        required=False,
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
        help_text="Other schemas choose the objects by this name, such as Parcel.",
    )
    defined_only = forms.BooleanField(
        label="Refuse keys without a definition",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    class Meta:
        model = MetadataSchema
        fields = ()

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        for row, (key, definition) in enumerate(self.known):
            self.initial.update(row_values(row, key, definition))
        if self.instance.related_object:
            self.initial["defined_only"] = bool(self.instance.allow_defined_only)
            del self.fields["resource"], self.fields["nested_name"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if cleaned.get("resource") == NESTED and not cleaned.get("nested_name"):
            self.add_error("nested_name", "Give the objects a name.")
        for row in range(len(self.known) + EMPTY_ROWS):
            if bounds_nothing(self.parts_of(row)):
                only = "Only texts and numbers are bounded."
                self.add_error(name_of(row, "least"), only)
        return cleaned

    def properties(self) -> dict[str, Any]:
        """Return the definitions whose rows changed, as the service takes them."""
        sent = {}
        for row, parts in self.changed_rows():
            known = self.known[row][1] if row < len(self.known) else None
            sent[parts["key"]] = definition_from(parts, known)
        return sent

    @property
    def related_object(self) -> str:
        """The resource or the objects that a new schema is of."""
        chosen: str = self.cleaned_data["resource"]
        return self.cleaned_data["nested_name"] if chosen == NESTED else chosen


class PurgeForm(CommandForm):
    key = forms.ChoiceField(widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        schema = MetadataSchema.objects.get(pk=plain_id(str(self.object_id)))
        removed = [k for k, each in schema.properties.items() if each.get("deleted")]
        self.fields["key"].choices = [(key, key) for key in sorted(removed)]


def in_rows(definitions: Mapping[str, Definition]) -> list[tuple[str, Definition]]:
    """Return definitions in the order of their rows, the removed ones last."""
    return sorted(definitions.items(), key=lambda one: (one[1].deleted, one[0]))


def form_for(schema: MetadataSchema | None, nested: Sequence[str]) -> type[SchemaForm]:
    """Return the form with the rows of ``schema`` and the empty ones behind them.

    ``nested`` are the names of the objects that a key may hold.
    """
    definitions = schema.schema.definitions if schema else {}
    known = in_rows(definitions)
    types = types_for(schema.related_object if schema else "", nested)
    fields: dict[str, Any] = {"known": known}
    for row in range(len(known) + EMPTY_ROWS):
        definition = known[row][1] if row < len(known) else None
        fields |= row_fields(row, types, definition)
    return type("SchemaForm", (SchemaForm,), fields)
