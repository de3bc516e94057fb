"""Keeping the figures of reports, as committed events come in (ADR 0022)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from promo import ids, sql_arrays
from promo.outbox.models import DomainEvent
from redemptions.models.report import Tallied
from redemptions.services import report_sql
from redemptions.services.report_days import link_days
from redemptions.services.report_orders import Change, TallyKey, count_orders

#: Which fact an event names, and the prefix of the id in it.
_HEARD = {
    "redemption.succeeded": ("succeeded", "r_"),
    "redemption.failed": ("failed", "rf_"),
    "redemption.rollback.succeeded": ("undone", "rr_"),
    "order.returned": ("returned", "ret_"),
    "customer.redemption.succeeded": ("customers", "r_"),
    "customer.redemption.rollback.succeeded": ("lost", "rr_"),
}
SUMS = (
    *("redemptions", "rolled_back", "refused", "discount", "credits"),
    *("orders", "order_value", "revenue"),
)
_FACTS = report_sql.sums(report_sql.NAMED)
_TALLIES = report_sql.tallies(report_sql.NAMED)
_ADDED = ", ".join(f"{name} = t.{name} + excluded.{name}" for name in SUMS)
_ADD_SUMS = f"""
INSERT INTO redemptions_reportsum AS t
  (project_id, scope, at, channel, {", ".join(SUMS)})
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[], %s::text[],
  {", ".join(["%s::bigint[]"] * len(SUMS))}) AS k (a, b, c, d)
ORDER BY a, b, c, d
ON CONFLICT (project_id, scope, at, channel) DO UPDATE SET {_ADDED}
"""  # noqa: S608 - put together from names of our own
_ADD_TALLIES = """
INSERT INTO redemptions_reporttally AS t
  (project_id, scope, kind, day, name, count, amount)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::date[], %s::text[],
  %s::bigint[], %s::bigint[]) AS k (a, b, c, d, e)
ORDER BY a, b, c, d, e
ON CONFLICT (project_id, scope, kind, day, name)
DO UPDATE SET count = t.count + excluded.count, amount = t.amount + excluded.amount
RETURNING project_id, scope, kind, day, name, count
"""


def hear_events(events: Sequence[DomainEvent], *, now: datetime) -> None:
    """Add what ``events`` tell of to the figures, in the relay's transaction.

    An event is handed out once together with its mark, so it counts once. At most
    eleven statements, whatever the number of events. Rows that many relays move are
    held last, in key order.
    """
    named = _named(events)
    if not any(named.values()):
        return
    change = Change()
    _add_facts(change, named)
    count_orders(
        change,
        rows=[*named["succeeded"], *named["undone"]],
        returned=named["returned"],
    )
    _store(change)


def _named(events: Sequence[DomainEvent]) -> dict[str, list[UUID]]:
    """Return the ids of the rows behind the facts, by kind; what names none is none."""
    named: dict[str, list[UUID]] = {kind: [] for kind, _ in _HEARD.values()}
    for event in events:
        if event.type in _HEARD:
            kind, prefix = _HEARD[event.type]
            row = ids.parse_or_none(prefix, _row_of(event))
            if row is not None:
                named[kind].append(row)
    return named


def _row_of(event: DomainEvent) -> object:
    if event.type == "order.returned":
        return (event.data.get("order_return") or {}).get("id")
    return event.entity_id


def _add_facts(change: Change, named: dict[str, list[UUID]]) -> None:
    arguments = {kind: sql_arrays.uuids(rows) for kind, rows in named.items()}
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, arguments)
        for *key, redemptions, rolled_back, refused, discount, credits_ in cursor:
            change.add_sum(
                tuple(key),
                redemptions=redemptions,
                rolled_back=rolled_back,
                refused=refused,
                discount=discount,
                credits=credits_,
            )
        cursor.execute(_TALLIES, arguments)
        for *key, count, amount in cursor:
            change.add_tally(tuple(key), count=count, amount=amount)


def _store(change: Change) -> None:
    """Move the rows; what adds nothing stays untouched."""
    sums = {key: by for key, by in change.sums.items() if any(by.values())}
    tallies = {key: by for key, by in change.tallies.items() if any(by.values())}
    with connection.cursor() as cursor:
        if sums:
            values = [[by[name] for by in sums.values()] for name in SUMS]
            cursor.execute(_ADD_SUMS, [*_columns(sums), *values])
        if tallies:
            values = [
                [by[name] for by in tallies.values()] for name in ("count", "amount")
            ]
            cursor.execute(_ADD_TALLIES, [*_columns(tallies), *values])
            stand = [(tuple(key), count) for *key, count in cursor.fetchall()]
            link_days(
                [
                    key
                    for key, count in stand
                    if _of_somebody(key)
                    and (count > 0) != (count - tallies[key]["count"] > 0)
                ]
            )


def _of_somebody(key: TallyKey) -> bool:
    return key[2] == Tallied.CUSTOMER


def _columns(keyed: dict[Any, Any]) -> list[list[Any]]:
    return [list(column) for column in zip(*keyed, strict=True)]
