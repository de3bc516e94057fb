"""Metadata schemas: what a marketer lets metadata hold."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from unfold.enums import ActionVariant

from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import command, tell
from promo.admin.summary import Figure
from promo.admin.visit import project_of, visit
from promo.metadata_schemas import services
from promo.metadata_schemas.admin.rows import PARTS
from promo.metadata_schemas.admin.schema_form import (
    NESTED,
    PurgeForm,
    form_for,
    keys_of,
)
from promo.metadata_schemas.engine.definitions import STANDARD
from promo.metadata_schemas.engine.phrases import phrases
from promo.metadata_schemas.models import MetadataSchema
from promo.metadata_schemas.purging import ACTIONS

_NOTE = (
    "One row for each key. Write one allowed value a line; at least and at most count "
    "the characters of a text, or bound a number. To nest objects, first add a schema "
    "of objects nested in other metadata: their name then stands under Holds. Save to "
    "get more empty rows."
)


@admin.register(MetadataSchema)
class MetadataSchemaAdmin(ProjectModelAdmin):
    resource = "metadata_schemas"
    empty_note = (
        "A schema says which keys the metadata of customers, orders and others "
        "may have, and what each holds. Without one, metadata are taken as they "
        "come."
    )
    # Labels stand above their fields, so that a definition fits into one line.
    compressed_fields = False
    operations = services.OPERATIONS
    list_display = ["shown_name", "keys", "defined_keys_only", "created_at"]
    search_fields = ["related_object__icontains"]
    search_help_text = "Resource or id"
    ordering = ["related_object", "id"]
    readonly_fields = [
        "shown_name",
        "defined_keys_only",
        "in_words",
        "id",
        "created_at",
        "updated_at",
    ]
    actions_detail = ["purge"]
    conditional_fields: ClassVar = {"nested_name": f"resource == '{NESTED}'"}
    view_fieldsets = (
        (None, {"fields": ("shown_name", "defined_keys_only", "in_words")}),
        ("More", {"fields": ("id", "created_at", "updated_at")}),
    )

    purge = command(
        "purge",
        label="Purge a removed key",
        question="The key and its values go from everything that has them, for good.",
        permission="change",
        icon="delete_sweep",
        form_class=PurgeForm,
        variant=ActionVariant.DANGER,
    )

    def is_offered(self, name: str, obj: Any) -> bool:
        removed = any(each.get("deleted") for each in obj.properties.values())
        return removed and obj.related_object in ACTIONS

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> None:
        services.purge_definition(obj, now=visit(request).now, **values)
        tell(request, f"{values['key']} is being purged.")

    def form_of(self, request: HttpRequest, obj: Any) -> Any:
        rows = project_of(request).metadata_schemas.exclude(related_object__in=STANDARD)
        nested = list(rows.values_list("related_object", flat=True))
        return form_for(obj, nested)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj and not self.has_change_permission(request):
            return self.view_fieldsets
        head = ("shown_name",) if obj else ("resource", "nested_name")
        shown: list[Any] = [
            (None, {"fields": (*head, "defined_only")}),
            keys_of(obj, PARTS, _NOTE),
        ]
        if obj:
            more = ("in_words", "id", "created_at", "updated_at")
            shown.append(("More", {"fields": more}))
        return shown

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        values: dict[str, Any] = {"properties": form.properties()}
        if "defined_only" in form.changed_data:
            values["allow_defined_only"] = form.cleaned_data["defined_only"]
        now = visit(request).now
        if change:
            services.update_metadata_schema(obj, now=now, **values)
        else:
            made = services.create_metadata_schema(
                project=project_of(request),
                now=now,
                related_object=form.related_object,
                **values,
            )
            obj.pk = made.pk
        obj.refresh_from_db()

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        living = obj.schema.living
        required = sum(each.is_required for each in living.values())
        return [
            Figure("Keys", f"{len(living):,}", f"{required:,} must be there"),
            Figure(
                "Other keys",
                "Refused" if obj.allow_defined_only else "Taken as they come",
            ),
        ]

    @admin.display(description="Of", ordering="related_object")
    def shown_name(self, schema: MetadataSchema) -> str:
        if schema.related_object in STANDARD:
            return schema.related_object.replace("_", " ").capitalize()
        return f"Object: {schema.related_object}"

    @admin.display(description="Keys")
    def keys(self, schema: MetadataSchema) -> str:
        return ", ".join(sorted(schema.schema.living)) or "-"

    @admin.display(description="Other keys are refused", boolean=True)
    def defined_keys_only(self, schema: MetadataSchema) -> bool:
        return bool(schema.allow_defined_only)

    @admin.display(description="In words")
    def in_words(self, schema: MetadataSchema) -> str:
        living = sorted(schema.schema.living.items())
        return "\n".join(f"{key}: {phrases(each)}" for key, each in living) or "-"
