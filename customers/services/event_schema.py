"""Defining the events that customers of a project can be said to have done.

Source: data specification, "Custom events and their schemas".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from customers.engine.event_schemas import changed_properties
from customers.models import CustomEventSchema
from promo.errors import Duplicate, InvalidPayload, ResourceNotFound
from promo.operations import Operations
from promo.tenancy.models import Project

RESOURCE = "custom_event_schema"
MOST_SCHEMAS = 1_000


@transaction.atomic
def create_event_schema(
    *, project: Project, now: datetime, name: str, schema: Mapping[str, Any]
) -> CustomEventSchema:
    """Define an event; ``schema`` has the ``properties`` of its metadata.

    Raises:
        Duplicate: the project has an event of this name.
        InvalidPayload: a definition of another shape, too many of them, or too many
            events.
    """
    # Held so that two creators cannot both take the name, or the last place.
    held = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if held.custom_event_schemas.filter(name=name).exists():
        raise Duplicate(RESOURCE, name, by="name")
    if held.custom_event_schemas.count() >= MOST_SCHEMAS:
        raise InvalidPayload(
            f"A project has at most {MOST_SCHEMAS} custom event schemas"
        )
    return CustomEventSchema.objects.create(
        project=held,
        name=name,
        properties=changed_properties({}, schema["properties"]),
        created_at=now,
    )


@transaction.atomic
def update_event_schema(
    event: CustomEventSchema, *, now: datetime, **values: Any
) -> CustomEventSchema:
    """Change the definitions in ``schema``, each as a whole; the name stays.

    Definitions that are not sent stay. One that is ``deleted`` is kept without effect
    until it is sent with false. Types may change.

    Raises:
        InvalidPayload: a definition of another shape, or too many of them.
        ResourceNotFound: the event is not defined any more.
    """
    held = _lock(event)
    sent = (values.get("schema") or {}).get("properties") or {}
    held.properties = changed_properties(held.properties, sent)
    held.updated_at = now
    held.save(update_fields=["properties", "updated_at"])
    return held


@transaction.atomic
def delete_event_schema(
    event: CustomEventSchema, *, now: datetime, force: bool = False
) -> None:
    """Forget a definition for good; what happened by its name stays counted.

    There is no bin, so ``force`` changes nothing.

    Raises:
        ResourceNotFound: it is gone already.
    """
    _lock(event).delete()


def find_event_schema(project: Project, name: str) -> CustomEventSchema:
    """Return the definition of an event by its name.

    Raises:
        ResourceNotFound: the project does not know the event.
    """
    found = project.custom_event_schemas.filter(name=name).first()
    if found is None:
        raise ResourceNotFound(RESOURCE, name)
    return found


def _lock(event: CustomEventSchema) -> CustomEventSchema:
    rows = event.project.custom_event_schemas.filter(pk=event.pk)
    held = rows.select_for_update().first()
    if held is None:
        raise ResourceNotFound(RESOURCE, event.pk)
    return held


OPERATIONS: Operations[CustomEventSchema] = Operations(
    create=create_event_schema,
    update=update_event_schema,
    delete=delete_event_schema,
)
