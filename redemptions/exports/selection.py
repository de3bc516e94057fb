"""From what was asked to one statement that gives the rows of a file.

Source: data specification, "Exports".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import F, QuerySet

from promo.api.filters import QueryFilters
from promo.csv_cells import cell
from promo.errors import BadRequest, InvalidPayload, InvalidQueryParams
from promo.filter_grammar import parse_filter
from promo.metadata_schemas.known import known_schemas
from promo.tenancy import reach
from promo.tenancy.models import Project
from redemptions.exports import cells
from redemptions.exports.catalogue import Catalogue, Terms
from redemptions.exports.cells import Field

METADATA = "metadata"
_BELOW_METADATA = f"{METADATA}."
_FILTERS = ".parameters.filters"
Json = Mapping[str, Any]
Titled = tuple[str, Field]


@dataclass(frozen=True, slots=True)
class Selection:
    """The titles of a file's columns, and the rows behind them."""

    columns: Sequence[Titled]
    rows: QuerySet[Any]

    @property
    def titles(self) -> list[str]:
        """The cells of the header."""
        return [cell(title) for title, _ in self.columns]

    def statement(self) -> tuple[str, tuple[Any, ...]] | None:
        """Return the SQL of the rows and its arguments; None where no row can fit."""
        named = {f"c{n}": field for n, (_, field) in enumerate(self.columns)}
        rows = self.rows.annotate(
            **{name: field.expression for name, field in named.items()}
        )
        try:
            sql, arguments = rows.values_list(*named).query.sql_with_params()
        except EmptyResultSet:
            return None
        if not any(field.guarded for field in named.values()):
            return sql, arguments
        shown = ", ".join(
            cells.guarded(name) if field.guarded else name
            for name, field in named.items()
        )
        # Without OFFSET the planner would work out every cell for each time that the
        # guard names it.
        return f"SELECT {shown} FROM ({sql} OFFSET 0) AS found", arguments  # noqa: S608 - names of our own


def select(
    project: Project,
    catalogue: Catalogue,
    parameters: Json,
    *,
    scope: Mapping[str, str],
    now: datetime,
) -> Selection:
    """Return the rows that ``parameters`` ask for, in their order.

    ``scope`` narrows them whatever the filters say; a filter of the same name gives
    way to it. Windows of the filters are those of ``now``.

    Raises:
        BadRequest: ``invalid_export_fields``; there is no such field.
        InvalidPayload: another order or filter than there are.
    """
    rows = _narrowed(reach.narrowed(catalogue.rows(project)), catalogue, parameters)
    rows = rows.filter(**{catalogue.scopes[name]: at for name, at in scope.items()})
    filters = parameters.get("filters") or {}
    own = {name: value for name, value in filters.items() if name not in scope}
    rows = _filtered(rows, project, catalogue, own, now)
    columns = [*_columns(project, catalogue, parameters.get("fields"))]
    return Selection(columns, _ordered(rows, catalogue, parameters))


def _narrowed(
    rows: QuerySet[Any], catalogue: Catalogue, parameters: Json
) -> QuerySet[Any]:
    """Return the rows of the campaign that the parameters name, where they may."""
    campaign = parameters.get("campaign_id")
    if not campaign or catalogue.name != "voucher":
        return rows
    try:
        return rows.filter(campaign=campaign)
    except ValueError:  # an id of another shape is nobody's
        return rows.none()


def _filtered(
    rows: QuerySet[Any],
    project: Project,
    catalogue: Catalogue,
    filters: Json,
    now: datetime,
) -> QuerySet[Any]:
    columns = catalogue.columns(Terms(project, project.calendar(now)))
    wanted = parse_filter(filters, path=_FILTERS, fields=columns)
    try:
        condition = QueryFilters(columns).condition(wanted, now, path=_FILTERS)
    except InvalidQueryParams as wrong:
        raise InvalidPayload(wrong.details) from wrong
    return rows.filter(condition)


def _ordered(
    rows: QuerySet[Any], catalogue: Catalogue, parameters: Json
) -> QuerySet[Any]:
    """Return the rows in the order asked for; their keys decide between equals.

    What may be missing comes last. What never is has no say about it, so that an
    index may give the order.
    """
    asked = parameters.get("order") or catalogue.default_order
    if asked not in catalogue.orders:
        allowed = ", ".join(catalogue.orders)
        raise InvalidPayload(
            "Property .parameters.order must be equal to one of the allowed values "
            f"[ {allowed} ]"
        )
    name, side = asked.removeprefix("-"), "desc" if asked.startswith("-") else "asc"
    lookup = catalogue.orderings[name]
    last = {"nulls_last": True} if _may_be_missing(rows, lookup) else {}
    keys = [getattr(F(lookup), side)(**last)]
    if lookup != "pk":
        keys.append(getattr(F("pk"), side)())
    return rows.order_by(*keys)


def _may_be_missing(rows: QuerySet[Any], lookup: str) -> bool:
    if lookup == "pk":
        return False
    own = {field.name: field.null for field in rows.model._meta.concrete_fields}
    return bool(own.get(lookup, True))


def _columns(
    project: Project, catalogue: Catalogue, names: Sequence[str] | None
) -> Iterator[Titled]:
    for name in names or catalogue.defaults:
        if name in catalogue.fields:
            yield cells.label(name), catalogue.fields[name]
        elif catalogue.metadata and name == METADATA:
            yield from _all_metadata(project, catalogue)
        elif (
            catalogue.metadata
            and len(name) > len(_BELOW_METADATA)
            and (name.startswith(_BELOW_METADATA))
        ):
            yield name, cells.metadata(name.removeprefix(_BELOW_METADATA))
        else:
            allowed = ", ".join(catalogue.field_names)
            raise BadRequest(
                "invalid_export_fields",
                "Invalid Export",
                f"Unsupported field used. Allowed fields: {allowed}",
            )


def _all_metadata(project: Project, catalogue: Catalogue) -> Iterator[Titled]:
    """Return a column a defined key; without any all metadata stand in one, as JSON."""
    schema = known_schemas(project).schemas.get(catalogue.metadata)
    keys = (
        [key for key, one in schema.definitions.items() if not one.deleted]
        if (schema)
        else []
    )
    if not keys:
        yield cells.label(METADATA), cells.json(METADATA)
    for key in keys:
        yield f"{_BELOW_METADATA}{key}", cells.metadata(key)
