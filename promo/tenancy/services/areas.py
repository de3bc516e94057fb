"""Making, renaming and deleting areas and their stores.

Source: platform specification, "Areas and stores".
"""

from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, RestrictedError

from promo.errors import Duplicate, InvalidPayload, ResourceInUse, ResourceNotFound
from promo.operations import Operations
from promo.tenancy.models import Area, AreaStore, Project

T = TypeVar("T", Area, AreaStore)
AREA, STORE = "area", "area_store"
MOST_AREAS = MOST_STORES = 100


@transaction.atomic
def create_area(*, project: Project, now: datetime, name: str, **values: Any) -> Area:
    """Store a new area.

    Raises:
        InvalidPayload: the project has 100.
        Duplicate: the name is taken.
    """
    # Held so that two creators cannot both take the last place.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if project.areas.count() >= MOST_AREAS:
        raise InvalidPayload(f"A project has at most {MOST_AREAS} areas")
    try:
        with transaction.atomic():
            return Area.objects.create(
                project=project, name=name, created_at=now, **values
            )
    except IntegrityError as taken:
        raise Duplicate(AREA, name, by="name") from taken


def update_area(area: Area, *, now: datetime, **values: Any) -> Area:
    """Change the name or the metadata.

    Raises:
        Duplicate: the name is taken.
        ResourceNotFound: it is gone.
    """
    return _changed(area, AREA, now, values)


def delete_area(area: Area, *, now: datetime, force: bool = False) -> None:
    """Delete an area without stores that nothing is assigned to; there is no bin.

    Raises:
        ResourceInUse: it has stores, or something is assigned to it.
    """
    stores = sorted(area.stores.values_list("pk", flat=True))
    if stores:
        raise ResourceInUse.by(stores, STORE, resource_type=AREA, resource_id=area.pk)
    _deleted(area, AREA)


@transaction.atomic
def create_store(area: Area, *, now: datetime, name: str) -> AreaStore:
    """Store a new store of ``area``.

    Raises:
        InvalidPayload: the area has 100.
        Duplicate: the name is taken in the area.
        ResourceNotFound: the area is gone.
    """
    held = Area.objects.select_for_update(no_key=True).filter(pk=area.pk).first()
    if held is None:
        raise ResourceNotFound(AREA, area.pk)
    if held.stores.count() >= MOST_STORES:
        raise InvalidPayload(f"An area has at most {MOST_STORES} stores")
    try:
        with transaction.atomic():
            return AreaStore.objects.create(area=held, name=name, created_at=now)
    except IntegrityError as taken:
        raise Duplicate(STORE, name, by="name") from taken


def update_store(store: AreaStore, *, now: datetime, **values: Any) -> AreaStore:
    """Change the name.

    Raises:
        Duplicate: the name is taken in the area.
        ResourceNotFound: it is gone.
    """
    return _changed(store, STORE, now, values)


def delete_store(store: AreaStore, *, now: datetime, force: bool = False) -> None:
    """Delete a store that nothing is assigned to; there is no bin.

    Raises:
        ResourceInUse: something is assigned to it.
    """
    _deleted(store, STORE)


def _changed(thing: T, kind: str, now: datetime, values: dict[str, Any]) -> T:
    rows: QuerySet[T] = type(thing)._default_manager.filter(pk=thing.pk)  # noqa: SLF001 - of either model
    try:
        with transaction.atomic():
            changed = rows.update(**values, updated_at=now)
    except IntegrityError as taken:
        raise Duplicate(kind, str(values.get("name")), by="name") from taken
    if not changed:
        raise ResourceNotFound(kind, thing.pk)
    return rows.get()


def _deleted(thing: Any, kind: str) -> None:
    try:
        with transaction.atomic():
            thing.delete()
    except RestrictedError as used:
        users = sorted(str(one.pk) for one in used.restricted_objects)
        raise ResourceInUse.by(
            users, "assignment", resource_type=kind, resource_id=thing.pk
        ) from used


AREAS: Operations[Area] = Operations(
    create=create_area, update=update_area, delete=delete_area
)
#: Stores are made in an area: there is no making one alone.
STORES: Operations[AreaStore] = Operations(update=update_store, delete=delete_store)
