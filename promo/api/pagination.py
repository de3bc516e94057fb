"""Lists: how they are cut and what surrounds them.

PagePagination      ``limit`` and ``page``                → total
DatePagination      the same, or ``starting_after`` a date → has_more
IdPagination        ``starting_after_id``                 → more_starting_after
WholeList           everything                            → total
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from promo.api import query
from promo.api.ordering import Order, read_order
from promo.errors import ResourceNotFound

MOST = 100
DEFAULT = 10
Schema = dict[str, Any]


def envelope(key: str, rows: Any, **rest: Any) -> dict[str, Any]:
    """Return the list object around ``rows``."""
    return {"object": "list", "data_ref": key, key: rows, **rest}


class ListPagination(BasePagination):
    """The envelope; a resource says key, orderings and last page."""

    extra_properties: ClassVar[Mapping[str, Schema]] = {"total": {"type": "integer"}}
    parameters: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        *,
        list_key: str = "data",
        resource_type: str = "resource",
        orderings: Mapping[str, str] | None = None,
        default_order: str = "-created_at",
        last_page: int = MOST,
    ) -> None:
        self.list_key = list_key
        self.resource_type = resource_type
        self.orderings = orderings or {"created_at": "created_at"}
        self.default_order = default_order
        self.last_page = last_page
        self.extra: dict[str, Any] = {}

    def read_order(self, request: Request) -> Order:
        """Return the order that the request asks for."""
        return read_order(request.query_params, self.orderings, self.default_order)

    def read_limit(self, request: Request) -> int:
        """Return how many rows the request asks for."""
        return query.whole_number(
            request.query_params, "limit", least=1, most=MOST, default=DEFAULT
        )

    def get_paginated_response(self, data: Any) -> Response:
        """Return the answer around the rendered rows."""
        return Response(envelope(self.list_key, data, **self.extra))

    def get_paginated_response_schema(self, schema: Schema) -> Schema:
        """Return the schema of the answer."""
        properties = {
            "object": {"type": "string", "enum": ["list"]},
            "data_ref": {"type": "string", "pattern": f"^{self.list_key}$"},
            self.list_key: schema,
            **self.extra_properties,
        }
        return {
            "type": "object",
            "required": ["object", "data_ref", self.list_key],
            "properties": properties,
        }

    def get_schema_operation_parameters(self, view: Any) -> list[Schema]:
        """Return the query parameters as the OpenAPI document has them."""
        known: dict[str, Schema] = {
            "limit": {
                "type": "integer",
                "minimum": 1,
                "maximum": MOST,
                "default": DEFAULT,
            },
            "page": {"type": "integer", "minimum": 1, "maximum": self.last_page},
            "starting_after": {"type": "string", "format": "date-time"},
            "starting_after_id": {"type": "string"},
            "order": {
                "type": "string",
                "enum": [sign + name for name in self.orderings for sign in ("", "-")],
            },
        }
        return [
            {"name": name, "in": "query", "required": False, "schema": known[name]}
            for name in self.parameters
        ]


class WholeList(ListPagination):
    """A list short enough to be given whole."""

    parameters: ClassVar[tuple[str, ...]] = ("order",)

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any]:
        """Return all rows."""
        rows = list(queryset.order_by(*self.read_order(request).terms()))
        self.extra = {"total": len(rows)}
        return rows


class PagePagination(ListPagination):
    """``limit`` rows of page ``page``."""

    parameters: ClassVar[tuple[str, ...]] = ("limit", "page", "order")

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any]:
        """Return the rows of the page asked for."""
        limit = self.read_limit(request)
        page = self.read_page(request)
        order = self.read_order(request)
        self.extra = {"total": queryset.count()}
        start = (page - 1) * limit
        return list(queryset.order_by(*order.terms())[start : start + limit])

    def read_page(self, request: Request) -> int:
        """Return the number of the page asked for."""
        return query.whole_number(
            request.query_params, "page", least=1, most=self.last_page, default=1
        )


class DatePagination(PagePagination):
    """Pages, or the rows on the far side of a date in the direction of the order.

    Without ``order`` that is newest first, rows before the date.
    """

    parameters: ClassVar[tuple[str, ...]] = ("limit", "page", "order", "starting_after")
    extra_properties = {
        "total": {"type": "integer"},
        "has_more": {"type": "boolean"},
    }

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any]:
        """Return the rows of the page, or behind the date, asked for."""
        moment = query.moment(request.query_params, "starting_after")
        if moment is None:
            rows = super().paginate_queryset(queryset, request, view)
            seen = (self.read_page(request) - 1) * self.read_limit(request) + len(rows)
            self.extra["has_more"] = seen < self.extra["total"]
            return rows
        order = self.read_order(request)
        field = "created_at" if order.lookup == "pk" else order.lookup
        side = "lt" if order.descending else "gt"
        behind = queryset.filter(**{f"{field}__{side}": moment})
        rows, has_more = _cut(behind, order, self.read_limit(request))
        self.extra = {"total": queryset.count(), "has_more": has_more}
        return rows


class IdPagination(ListPagination):
    """The rows behind one row, in the direction of the order."""

    parameters: ClassVar[tuple[str, ...]] = ("limit", "order", "starting_after_id")
    extra_properties = {
        "has_more": {"type": "boolean"},
        "more_starting_after": {"type": "string"},
    }

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any]:
        """Return the rows behind the one named.

        Raises:
            ResourceNotFound: there is no such row in the list.
        """
        order = self.read_order(request)
        cursor = query.text(request.query_params, "starting_after_id")
        if cursor is not None:
            queryset = queryset.filter(order.after(self._row(queryset, cursor)))
        rows, has_more = _cut(queryset, order, self.read_limit(request))
        self.extra = {"has_more": has_more}
        if has_more:
            self.extra["more_starting_after"] = str(rows[-1].pk)
        return rows

    def _row(self, queryset: QuerySet[Any], cursor: str) -> Model:
        try:
            row: Model | None = queryset.filter(pk=cursor).first()
        except ValueError:
            row = None
        if row is None:
            raise ResourceNotFound(self.resource_type, cursor)
        return row


def _cut(queryset: Any, order: Order, limit: int) -> tuple[list[Any], bool]:
    rows = list(queryset.order_by(*order.terms())[: limit + 1])
    return rows[:limit], len(rows) > limit
