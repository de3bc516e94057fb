"""The months of the call log: a partition each, made ahead and dropped whole.

The default partition takes what no month does, and gives it back to the month that is
made for it. Nobody waits long for any of this: a lock that is not had within seconds is
left for the next time.
"""

import re
from datetime import UTC, date, datetime, timedelta

import structlog
from django.db import DatabaseError, connection, transaction

from promo.call_log.models import ApiCall

TABLE = ApiCall._meta.db_table
DEFAULT = f"{TABLE}_default"
#: Months that are made ahead, the running one among them.
AHEAD = 3
LOCK_TIMEOUT = "3s"

log = structlog.get_logger()
#: The first day of a month, UTC.
Month = date

_NAME = re.compile(rf"{TABLE}_(\d{{4}})(\d\d)")
_ALL = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = %s::regclass ORDER BY c.relname
"""


def month_of(moment: datetime) -> Month:
    """Return the month that ``moment`` lies in."""
    return moment.astimezone(UTC).date().replace(day=1)


def following(month: Month) -> Month:
    """Return the month after ``month``."""
    return (month + timedelta(days=31)).replace(day=1)


def name_of(month: Month) -> str:
    """Return the name of a month's partition."""
    return f"{TABLE}_{month:%Y%m}"


def months() -> list[Month]:
    """Return the months that have a partition, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_ALL, [TABLE])
        named = [_NAME.fullmatch(name) for (name,) in cursor.fetchall()]
    return [date(int(found[1]), int(found[2]), 1) for found in named if found]


@transaction.atomic
def ensure(month: Month) -> None:
    """Give ``month`` its partition, unless it has one.

    1. Let nobody else make one, nor put more of this month into the default partition.
    2. Make the table, with what the default partition holds of the month.
    3. Attach it; reading and writing go on meanwhile.
    """
    name, first, after = name_of(month), _start(month), _start(following(month))
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout TO '{LOCK_TIMEOUT}'")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [TABLE])
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone() != (None,):
            return
        # All names are our own, and the days are dates.
        cursor.execute(f"LOCK TABLE {DEFAULT} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING ALL)")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {DEFAULT} WHERE created_at >= {first} "  # noqa: S608
            f"AND created_at < {after} RETURNING *) "
            f"INSERT INTO {name} SELECT * FROM moved"
        )
        cursor.execute(
            f"ALTER TABLE {TABLE} ATTACH PARTITION {name} "
            f"FOR VALUES FROM ({first}) TO ({after})"
        )


def ensure_ahead(now: datetime) -> None:
    """Give the running month and the next ones their partitions."""
    month = month_of(now)
    for _ in range(AHEAD):
        ensure(month)
        month = following(month)


def drop_before(moment: datetime) -> list[Month]:
    """Drop the months that ended before ``moment``; return them.

    What the default partition holds from before ``moment`` is deleted.
    """
    day = moment.astimezone(UTC).date()
    ended = [month for month in months() if following(month) <= day]
    dropped = [month for month in ended if _drop(month)]
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {DEFAULT} WHERE created_at < %s", [moment])  # noqa: S608 - our own name
    return dropped


def _start(month: Month) -> str:
    return f"'{month.isoformat()} 00:00Z'"


def _drop(month: Month) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout TO '{LOCK_TIMEOUT}'")
            cursor.execute(f"DROP TABLE IF EXISTS {name_of(month)}")
    except DatabaseError as error:
        log.warning("month_of_calls_not_dropped", error=type(error).__name__)
        return False
    return True
