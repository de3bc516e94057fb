"""The shapes of the locations that filters name.

Source: rules specification, "Geofencing".
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet, TextField
from django.db.models.functions import Cast

from customers.models.location import LOCATION_PREFIX
from promo import sql_arrays
from promo.filter_grammar import Filter, locations_named
from promo.geometry import Shape, parse_shape
from promo.ids import parse, parse_or_none
from promo.tenancy.models import Project

M = TypeVar("M", bound=Model)

_HOLD = """
SELECT 1 FROM customers_location
WHERE project_id = %s AND id = ANY(%s::uuid[]) ORDER BY id FOR SHARE
"""


def shapes_named(project: Project, filters: Iterable[Filter]) -> Mapping[str, Shape]:
    """Return the shapes of the locations that ``filters`` name, by id.

    One statement, none where no filter names one. An id that is no location of the
    project has no shape: nobody is inside it.
    """
    keys = _keys(filters)
    if not keys:
        return {}
    rows = project.locations.filter(pk__in=keys).order_by()
    shapes = ((pk, parse_shape(shape)) for pk, shape in rows.values_list("pk", "shape"))
    return {pk: shape for pk, shape in shapes if shape is not None}


def hold_named(project: Project, filters: Iterable[Filter]) -> None:
    """Keep the locations that ``filters`` name as they are, until the caller is done.

    Whoever stores a filter does: so who changes or deletes a location sees every
    filter that names it. One statement, none where no filter names one.
    """
    keys = _keys(filters)
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(_HOLD, [parse("proj_", project.pk), sql_arrays.uuids(keys)])


def filters_naming(rows: QuerySet[M], location_id: str) -> QuerySet[M]:
    """Return the rows whose ``filter`` names a location."""
    texts: Any = rows.alias(text=Cast("filter", TextField()))
    found: QuerySet[M] = texts.filter(text__contains=f'"{location_id}"')
    return found


def _keys(filters: Iterable[Filter]) -> list[UUID]:
    found = (parse_or_none(LOCATION_PREFIX, one) for one in locations_named(filters))
    return [key for key in found if key]
