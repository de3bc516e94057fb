"""Creating, changing and deleting metadata schemas.

Each change gives the project a new edition of its schemas, by which every process
knows whether what it remembers is current. Whoever changes one holds the project, so
changes follow one another.

Source: data specification, "Metadata schemas, Endpoints".
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from promo.errors import Duplicate, InvalidPayload, ResourceNotFound
from promo.jobs.actions import enqueue
from promo.jobs.models import AsyncAction
from promo.metadata_schemas.engine.definitions import Definition
from promo.metadata_schemas.engine.parsing import changed_definitions, named_schemas
from promo.metadata_schemas.models import MetadataSchema
from promo.metadata_schemas.purging import ACTIONS
from promo.operations import Operations
from promo.tenancy.models import Project
from promo.tenancy.services.projects import update_project

RESOURCE = "metadata schema"
MOST_SCHEMAS = 1_000


@transaction.atomic
def create_metadata_schema(
    *,
    project: Project,
    now: datetime,
    related_object: str,
    properties: Mapping[str, Any],
    allow_defined_only: bool | None = None,
) -> MetadataSchema:
    """Define what the metadata of a resource hold, for the first time.

    ``properties`` maps keys to definitions, which name their parts as either API does.

    Raises:
        Duplicate: the resource has a schema.
        InvalidPayload: a definition of another shape, too many of them, or an object
            type that names no schema.
    """
    held = _hold(project)
    if held.metadata_schemas.filter(related_object=related_object).exists():
        raise Duplicate(RESOURCE, related_object, by="related_object")
    if held.metadata_schemas.count() >= MOST_SCHEMAS:
        raise InvalidPayload(f"A project has at most {MOST_SCHEMAS} metadata schemas")
    schema = MetadataSchema(
        project=held,
        related_object=related_object,
        allow_defined_only=allow_defined_only,
        created_at=now,
    )
    _put(schema, properties)
    schema.save(force_insert=True)
    _begin_edition(held, now)
    return schema


@transaction.atomic
def update_metadata_schema(
    schema: MetadataSchema, *, now: datetime, **values: Any
) -> MetadataSchema:
    """Change the definitions in ``properties``, each as a whole, and the mode.

    Definitions that are not sent stay. One that is ``deleted`` is kept without effect
    until it is sent with false.

    Raises:
        InvalidPayload: a definition of another shape or type, too many of them, or an
            object type that names no schema.
        ResourceNotFound: the schema is gone.
    """
    project = _hold(schema.project)
    held = _found(project, schema)
    if "allow_defined_only" in values:
        held.allow_defined_only = values["allow_defined_only"]
    _put(held, values.get("properties") or {})
    held.updated_at = now
    held.save(update_fields=["allow_defined_only", "properties", "updated_at"])
    _begin_edition(project, now)
    return held


@transaction.atomic
def delete_metadata_schema(
    schema: MetadataSchema, *, now: datetime, force: bool = False
) -> None:
    """Forget what the metadata of a resource may hold; stored values stay.

    Objects of a schema that is gone may hold anything. There is no bin, so ``force``
    changes nothing.

    Raises:
        ResourceNotFound: the schema is gone already.
    """
    project = _hold(schema.project)
    _found(project, schema).delete()
    _begin_edition(project, now)


@transaction.atomic
def purge_definition(schema: MetadataSchema, *, key: str, now: datetime) -> AsyncAction:
    """Forget a removed definition, and take its values off everything that has them.

    The values go in the background.

    Raises:
        InvalidPayload: the key is no removed definition, or belongs to a resource whose
            values cannot be purged.
        ResourceNotFound: the schema is gone.
    """
    project = _hold(schema.project)
    held = _found(project, schema)
    if held.related_object not in ACTIONS:
        allowed = ", ".join(ACTIONS)
        raise InvalidPayload(f"Values can be purged from [ {allowed} ] alone")
    if not held.properties.get(key, {}).get("deleted"):
        raise InvalidPayload(f"Property .properties.{key} has not been removed")
    del held.properties[key]
    held.updated_at = now
    held.save(update_fields=["properties", "updated_at"])
    _begin_edition(project, now)
    return enqueue(
        project=project,
        kind=ACTIONS[held.related_object],
        arguments={"key": key},
        now=now,
    )


def _hold(project: Project) -> Project:
    """Return the project as it stands now, held until the transaction ends."""
    return Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def _found(project: Project, schema: MetadataSchema) -> MetadataSchema:
    found = project.metadata_schemas.filter(pk=schema.pk).first()
    if found is None:
        raise ResourceNotFound(RESOURCE, schema.pk)
    return found


def _put(schema: MetadataSchema, sent: Mapping[str, Any]) -> None:
    stored = schema.schema.definitions
    definitions = changed_definitions(stored, sent, schema.related_object)
    _check_nested(schema.project, {key: definitions[key] for key in sent})
    schema.properties = {key: each.as_json() for key, each in definitions.items()}


def _check_nested(project: Project, definitions: Mapping[str, Definition]) -> None:
    named = named_schemas(definitions)
    if not named:
        return
    rows = project.metadata_schemas.filter(related_object__in=named)
    known = set(rows.values_list("related_object", flat=True))
    for key, each in definitions.items():
        if each.object_type in named - known:
            raise InvalidPayload(
                f"Property .properties.{key}.object_type must name the schema of a "
                "nested object"
            )


def _begin_edition(project: Project, now: datetime) -> None:
    """Make what processes remember of the project's schemas out of date."""
    # Never a number: a transaction that is rolled back would give it to the next.
    any_left = project.metadata_schemas.exists()
    edition = secrets.token_hex(8) if any_left else ""
    update_project(project, now=now, metadata_schemas_edition=edition)


OPERATIONS: Operations[MetadataSchema] = Operations(
    create=create_metadata_schema,
    update=update_metadata_schema,
    delete=delete_metadata_schema,
)
