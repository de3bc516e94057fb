"""Counting an order once in each scope, whatever is redeemed on it or undone."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from promo import ids, sql_arrays
from redemptions.models import ReportOrder
from redemptions.models.report import Tallied
from redemptions.services import report_sql

_LOCK = """
SELECT pg_advisory_xact_lock(k.lock) FROM unnest(%s::bigint[]) AS k (lock)
"""
_FOUND = report_sql.orders("r.order_id = ANY(%(orders)s::uuid[])")
_TOUCHED = """
SELECT r.order_id FROM redemptions_redemption r
WHERE r.id = ANY(%(rows)s::uuid[]) AND r.order_id IS NOT NULL
UNION SELECT t.order_id FROM redemptions_orderreturn t
WHERE t.id = ANY(%(returned)s::uuid[])
"""
_VALUES = ("order_value", "revenue")
#: Project, scope, kind, day, name.
TallyKey = tuple[UUID, UUID, str, date, str]


@dataclass(slots=True)
class Change:
    """What to add: to sums by project, scope, hour and channel, to tallies by theirs.

    Sums are by the names of their columns; tallies are a count and an amount.
    """

    sums: dict[tuple[UUID, UUID, datetime, str], Counter[str]] = field(
        default_factory=dict
    )
    tallies: dict[TallyKey, Counter[str]] = field(default_factory=dict)

    def add_sum(self, key: tuple[UUID, UUID, datetime, str], **by: int) -> None:
        """Add to the sums of an hour."""
        self.sums.setdefault(key, Counter()).update(by)

    def add_tally(self, key: TallyKey, **by: int) -> None:
        """Add to a tally of a day."""
        self.tallies.setdefault(key, Counter()).update(by)


def count_orders(
    change: Change, *, rows: Sequence[UUID], returned: Sequence[UUID]
) -> None:
    """Work out anew what the orders of redemptions and returns come to.

    What differs from what they were counted with goes into ``change``. Relays that
    work on the same order wait for one another. Five statements.
    """
    orders = _touched(rows, returned)
    if not orders:
        return
    with connection.cursor() as cursor:
        locks = sorted(int.from_bytes(key.bytes[8:], signed=True) for key in orders)
        cursor.execute(_LOCK, [sql_arrays.integers(locks)])
        cursor.execute(_FOUND, {"orders": sql_arrays.uuids(orders)})
        names = [column.name for column in cursor.description or ()]
        found = {(row[2], row[1]): _row(names, row) for row in cursor.fetchall()}
    kept = {
        (row.order, row.scope): row
        for row in ReportOrder.objects.filter(order__in=orders)
    }
    for key in sorted(found.keys() | kept.keys()):
        _put(change, kept.get(key), sign=-1)
        _put(change, found.get(key), sign=1)
    gone = [row.pk for key, row in kept.items() if key not in found]
    ReportOrder.objects.filter(pk__in=gone).delete()
    _store([found[key] for key in sorted(found)])


def _touched(rows: Sequence[UUID], returned: Sequence[UUID]) -> list[UUID]:
    named = {"rows": sql_arrays.uuids(rows), "returned": sql_arrays.uuids(returned)}
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, named)
        return sorted(order for (order,) in cursor.fetchall())


def _row(names: Sequence[str], values: Sequence[Any]) -> ReportOrder:
    named = dict(zip(names, values, strict=True))
    if isinstance(named["products"], str):
        named["products"] = json.loads(named["products"])
    project = ids.show("proj_", named.pop("project_id"))
    return ReportOrder(project_id=project, **named)


def _put(change: Change, row: ReportOrder | None, *, sign: int) -> None:
    if row is None:
        return
    project = ids.parse("proj_", row.project_id)
    values = {name: sign * getattr(row, name) for name in _VALUES}
    change.add_sum((project, row.scope, row.at, row.channel), orders=sign, **values)
    for name, units in row.products.items():
        key = (project, row.scope, Tallied.PRODUCT.value, row.day, name)
        change.add_tally(key, count=sign, amount=sign * units)


def _store(rows: Sequence[ReportOrder]) -> None:
    ReportOrder.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["order", "scope"],
        update_fields=["at", "day", "channel", *_VALUES, "products"],
    )
