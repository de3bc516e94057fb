"""Putting things into areas and stores, up to a limit.

Source: platform specification, "Areas and stores".
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from promo.errors import InvalidPayload, ResourceNotFound
from promo.ids import parse_or_none
from promo.tenancy.access_scope import Place
from promo.tenancy.models import Area, AreaStore, Project

MOST_PLACES = 100


def put_places(
    project: Project, assignments: Any, places: Collection[Place], *, now: datetime
) -> None:
    """Let ``assignments``, a relation to places, be exactly ``places``.

    Four statements at most, whatever the number of places.

    Raises:
        InvalidPayload: more than 100.
        ResourceNotFound: the project has no such area or store.
    """
    if len(set(places)) > MOST_PLACES:
        details = f"Nothing can be assigned to more than {MOST_PLACES} areas and stores"
        raise InvalidPayload(details)
    known = checked_places(project, places)
    held = {each.place: each.pk for each in assignments.all()}
    assignments.filter(pk__in=[held[one] for one in held.keys() - known]).delete()
    added = sorted(known - held.keys(), key=lambda one: (one.area, one.store or ""))
    assignments.bulk_create(
        assignments.model(
            **_owner(assignments),
            area_id=one.area,
            store_id=one.store,
            all_stores=one.all_stores,
            created_at=now,
        )
        for one in added
    )


def _owner(assignments: Any) -> dict[str, Any]:
    return {assignments.field.name: assignments.instance}


def checked_places(project: Project, places: Collection[Place]) -> set[Place]:
    """Return ``places`` whose areas and stores the project has.

    A store may be named without its area, whose id is empty then.

    Raises:
        ResourceNotFound: it has no such area or store.
    """
    areas = {one.area for one in places if one.area and one.store is None}
    stores = {one.store for one in places if one.store is not None}
    known = _known(Area.objects.filter(project=project), "ar_", areas)
    _refuse_unknown("area", areas - known.keys())
    rows = AreaStore.objects.filter(area__project=project)
    area_of = _known(rows, "ars_", stores)
    _refuse_unknown("area_store", stores - area_of.keys())
    return {
        one if one.store is None else Place(area_of[one.store].area_id, one.store)
        for one in places
    }


def _known(rows: Any, prefix: str, ids: Collection[str]) -> dict[str, Any]:
    named = [one for one in ids if parse_or_none(prefix, one)]
    return {row.pk: row for row in rows.filter(pk__in=named)} if named else {}


def _refuse_unknown(kind: str, unknown: Collection[str]) -> None:
    for one in sorted(unknown):
        raise ResourceNotFound(kind, one)
