"""Creating, changing and deleting locations.

Whoever changes or deletes one holds it against those who store a filter that names it.

Source: data specification, "Locations"; rules specification, "Geofencing".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from customers.engine.location_shapes import checked_shape
from customers.models import Location, Segment
from customers.services.location_lookup import filters_naming
from customers.services.segment import RESOURCE as SEGMENT
from customers.services.segment import place_customers
from promo.errors import ResourceInUse, ResourceNotFound
from promo.operations import Operations
from promo.tenancy.models import Project

RESOURCE = "location"


def create_location(
    *, project: Project, now: datetime, name: str, shape: Mapping[str, Any]
) -> Location:
    """Store a location; ``shape`` is a circle or a polygon as the API shows it.

    Raises:
        InvalidPayload: the shape is not sound.
    """
    return Location.objects.create(
        project=project, name=name, shape=checked_shape(shape), created_at=now
    )


@transaction.atomic
def update_location(location: Location, *, now: datetime, **values: Any) -> Location:
    """Change the name and the shape; a new shape lets customers enter and leave.

    Raises:
        ResourceNotFound: it is gone.
        InvalidPayload: the shape is not sound.
    """
    held = _lock(location, no_key=True)
    if "name" in values:
        held.name = values["name"]
    if "shape" in values:
        held.shape = checked_shape(values["shape"])
        for segment in _segments_naming(held):
            place_customers(segment, now=now)
    held.updated_at = now
    held.save(update_fields=["name", "shape", "updated_at"])
    return held


@transaction.atomic
def delete_location(location: Location, *, now: datetime, force: bool = False) -> None:
    """Delete a location that no filter names. There is no bin to ``force`` past.

    ``LOCATION_USERS`` names functions of later stages that say what uses one.

    Raises:
        ResourceNotFound: it is gone.
        ResourceInUse: the filter of a segment or collection names it.
    """
    held = _lock(location, no_key=False)
    users = [(SEGMENT, [one.pk for one in _segments_naming(held)])]
    users += [
        import_string(users_of)(held.project, held.pk)
        for users_of in settings.LOCATION_USERS
    ]
    ResourceInUse.check(users, resource_type=RESOURCE, resource_id=held.pk)
    held.delete()


def _lock(location: Location, *, no_key: bool) -> Location:
    rows = location.project.locations.filter(pk=location.pk)
    rows = rows.select_for_update(of=("self",), no_key=no_key)
    held = rows.select_related("project").first()
    if held is None:
        raise ResourceNotFound(RESOURCE, location.pk)
    return held


def _segments_naming(location: Location) -> list[Segment]:
    """Return the dynamic segments whose filter asks about a location."""
    rows = location.project.segments.dynamic().select_related("project")
    return list(filters_naming(rows, location.pk).order_by("pk"))


OPERATIONS: Operations[Location] = Operations(
    create=create_location, update=update_location, delete=delete_location
)
