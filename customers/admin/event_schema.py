"""Event schemas: what customers can be said to have done, and its metadata."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextInputWidget

from customers.engine.event_schemas import TYPES
from customers.models import CustomEventSchema
from customers.models.custom_event import LONGEST_NAME
from customers.services import event_schema as service
from promo.admin.base import ProjectModelAdmin
from promo.admin.summary import Figure
from promo.metadata_schemas.admin.rows import (
    OPTIONAL,
    PLAIN_TYPES,
    REMOVED,
    REQUIRED,
    name_of,
    plain_fields,
)
from promo.metadata_schemas.admin.schema_form import (
    EMPTY_ROWS,
    RowsForm,
    in_rows,
    keys_of,
)
from promo.metadata_schemas.engine.definitions import Definition
from promo.metadata_schemas.engine.phrases import phrases

Json = dict[str, Any]
PARTS = ("key", "holds", "need")
_CHOICES = [(kind, label) for kind, label in PLAIN_TYPES if kind in TYPES]
_NOTE = (
    "One row for each key of the event's metadata; keys without a row are taken as "
    "they come. Save to get more empty rows."
)


class EventSchemaForm(RowsForm):
    """What one event is called, and what its metadata hold."""

    parts = PARTS
    name = forms.CharField(
        max_length=LONGEST_NAME,
        widget=UnfoldAdminTextInputWidget,
        help_text="As your shop tells of it, such as newsletter_subscribed.",
    )

    class Meta:
        model = CustomEventSchema
        fields = ()

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        for row, (key, definition) in enumerate(self.known):
            self.initial.update(_shown(row, key, definition))
        if self.instance.created_at:
            del self.fields["name"]

    def properties(self) -> Json:
        """Return the definitions whose rows changed, as the service takes them."""
        sent = {}
        for row, parts in self.changed_rows():
            known = self.known[row][1] if row < len(self.known) else None
            is_removed = parts["need"] == REMOVED
            # A removed key comes back as it was.
            keeps = is_removed and known is not None and known.optional
            sent[parts["key"]] = {
                "type": parts["holds"],
                "optional": parts["need"] == OPTIONAL or keeps,
                "deleted": is_removed,
            }
        return sent


def _shown(row: int, key: str, definition: Definition) -> Json:
    need = OPTIONAL if definition.optional else REQUIRED
    shown = {
        "key": key,
        "holds": definition.type,
        "need": REMOVED if definition.deleted else need,
    }
    return {name_of(row, part): value for part, value in shown.items()}


def form_for(event: CustomEventSchema | None) -> type[EventSchemaForm]:
    """Return the form with the rows of ``event`` and the empty ones behind them."""
    known = in_rows(event.schema.definitions) if event else []
    fields: Json = {"known": known}
    for row in range(len(known) + EMPTY_ROWS):
        made = plain_fields(_CHOICES, is_known=row < len(known))
        fields |= {name_of(row, part): field for part, field in made.items()}
    return type("EventSchemaForm", (EventSchemaForm,), fields)


@admin.register(CustomEventSchema)
class EventSchemaAdmin(ProjectModelAdmin):
    resource = "event_schemas"
    empty_note = (
        "Describe what customers do in your shop, such as subscribing to a "
        "newsletter, and segments can ask how often they did it."
    )
    # Labels stand above their fields, so that a definition fits into one line.
    compressed_fields = False
    operations = service.OPERATIONS
    list_display = ["name", "keys", "created_at"]
    search_fields = ["name__icontains"]
    search_help_text = "Name or id"
    ordering = ["name", "id"]
    readonly_fields = ["label", "in_words", "id", "created_at", "updated_at"]
    view_fieldsets = (
        (None, {"fields": ("label", "in_words")}),
        ("More", {"fields": ("id", "created_at", "updated_at")}),
    )
    _MORE: ClassVar = ("in_words", "id", "created_at", "updated_at")

    def form_of(self, request: HttpRequest, obj: Any) -> Any:
        return form_for(obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj and not self.has_change_permission(request):
            return self.view_fieldsets
        head = ("label",) if obj else ("name",)
        shown: list[Any] = [(None, {"fields": head}), keys_of(obj, PARTS, _NOTE)]
        return [*shown, ("More", {"fields": self._MORE})] if obj else shown

    def service_values(self, request: HttpRequest, form: Any, *, change: bool) -> Json:
        values: Json = {"schema": {"properties": form.properties()}}
        return values if change else {"name": form.cleaned_data["name"], **values}

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        living = obj.schema.living
        required = sum(each.is_required for each in living.values())
        return [Figure("Keys", f"{len(living):,}", f"{required:,} must be there")]

    @admin.display(description="Name")
    def label(self, event: CustomEventSchema) -> str:
        return event.name

    @admin.display(description="Keys")
    def keys(self, event: CustomEventSchema) -> str:
        return ", ".join(sorted(event.schema.living)) or "-"

    @admin.display(description="In words")
    def in_words(self, event: CustomEventSchema) -> str:
        living = sorted(event.schema.living.items())
        return "\n".join(f"{key}: {phrases(each)}" for key, each in living) or "-"
