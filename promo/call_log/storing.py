"""Writing calls: a batch is one COPY."""

import time
from collections.abc import Sequence
from typing import Any

import structlog
from django.db import DatabaseError, connection, transaction

from promo.call_log.call import COLUMNS, Call
from promo.call_log.models import ApiCall
from promo.call_log.partitions import MONTHS
from promo.months import Month, month_of
from promo.tenancy.models import ApiKey

log = structlog.get_logger()

_COPY = f"COPY {ApiCall._meta.db_table} ({', '.join(COLUMNS)}) FROM STDIN"
# Who holds a key just now, to rotate it, is not waited for.
_USED = f"""
WITH free AS (
  SELECT k.id, u.at FROM {ApiKey._meta.db_table} k
  JOIN unnest(%s::uuid[], %s::timestamptz[]) u (app_id, at) USING (app_id)
  WHERE k.last_used_at IS NULL OR k.last_used_at < u.at - interval '1 minute'
  ORDER BY k.id FOR NO KEY UPDATE OF k SKIP LOCKED)
UPDATE {ApiKey._meta.db_table} k SET last_used_at = free.at FROM free
WHERE k.id = free.id
"""  # noqa: S608 - our own names
_IN_ONE_GO = 8
#: Months whose partition this process has seen.
_known: set[Month] = set()


def store(calls: Sequence[Call]) -> None:
    """Store ``calls``, masked, with one statement.

    The month's partition is made where it is missing; should that fail, the default
    partition takes them. A crash of the database may take the last of them with it: to
    wait for its disk would slow down who waits for the same one.
    """
    rows = []
    for number, call in enumerate(calls):
        rows.append(call.row())
        if number % _IN_ONE_GO == 0:
            # Whoever answers a request goes first: without this the interpreter would
            # let them wait for whole milliseconds.
            time.sleep(0)
    _know_months(calls)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")
        with cursor.copy(_COPY) as copy:
            for row in rows:
                copy.write_row(row)
        _note_use(cursor, calls)


def _note_use(cursor: Any, calls: Sequence[Call]) -> None:
    """Note of each key that called when it last did, once a minute."""
    used: dict[Any, Any] = {}
    for call in calls:
        for app_id in (call.app_id, call.client_app_id):
            if app_id is not None:
                used[app_id] = max(call.created_at, used.get(app_id, call.created_at))
    if used:
        ordered = sorted(used.items(), key=lambda one: str(one[0]))
        ids, moments = [str(one) for one, _ in ordered], [at for _, at in ordered]
        cursor.execute(_USED, [ids, moments])


def forget_months() -> None:
    """Look for partitions anew."""
    _known.clear()


def _know_months(calls: Sequence[Call]) -> None:
    for month in {month_of(call.created_at) for call in calls} - _known:
        try:
            MONTHS.ensure(month)
        except DatabaseError as error:
            log.warning("month_of_calls_not_made", error=type(error).__name__)
        else:
            _known.add(month)
