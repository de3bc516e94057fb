"""Who would be in a segment, before it is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from customers.engine.segments import parse_segment_filter
from customers.models import Customer
from customers.services.segment import known_customers
from customers.services.segment_sql import segment_condition
from promo.ids import parse
from promo.row_reader import RowReader
from promo.tenancy.models import Project

#: How many customers stand for all who fit.
SHOWN = 5

_CUSTOMER = RowReader(Customer, "c")
_ALIVE = "FROM customers_customer c WHERE c.project_id = %s AND c.deleted_at IS NULL"
_COUNTS = f"SELECT count(*) FILTER (WHERE {{condition}}), count(*) {_ALIVE}"
_NEWEST = f"""
SELECT {_CUSTOMER.columns} {_ALIVE} AND ({{condition}})
ORDER BY c.created_at DESC, c.id DESC LIMIT {SHOWN}
"""


@dataclass(frozen=True, slots=True)
class SegmentPreview:
    """How many of all customers fit now, and the newest few of them."""

    fitting: int
    total: int
    sample: Sequence[Customer]


def preview_filter(
    *,
    project: Project,
    filter: Mapping[str, Any],  # noqa: A002 - the API's name
    now: datetime,
) -> SegmentPreview:
    """Return who satisfies ``filter`` at the moment; nothing is stored.

    Two statements, whatever the number of customers, and one more where the filter
    names a location.

    Raises:
        InvalidPayload: the filter is not sound.
    """
    wanted = segment_condition(project, parse_segment_filter(filter), now)
    project_id = parse("proj_", project.pk)
    with connection.cursor() as cursor:
        counts = _COUNTS.replace("{condition}", wanted.text)
        cursor.execute(counts, [*wanted.values, project_id])
        fitting, total = cursor.fetchone()
    newest = _NEWEST.replace("{condition}", wanted.text)
    sample = _CUSTOMER.select(newest, [project_id, *wanted.values])
    return SegmentPreview(fitting, total, sample)


def preview_listed(*, project: Project, customers: Sequence[str]) -> SegmentPreview:
    """Return whom a list of ids or source ids names; nothing is stored.

    Raises:
        ResourceNotFound: one of ``customers`` is unknown.
    """
    named = known_customers(project, customers)
    alive = project.customers.alive()
    newest = alive.filter(pk__in=named).order_by("-created_at", "-pk")
    return SegmentPreview(len(named), alive.count(), list(newest[:SHOWN]))
