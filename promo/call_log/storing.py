"""Writing calls: a batch is one COPY."""

import time
from collections.abc import Sequence

import structlog
from django.db import DatabaseError, connection, transaction

from promo.call_log.call import COLUMNS, Call
from promo.call_log.models import ApiCall
from promo.call_log.partitions import MONTHS
from promo.months import Month, month_of

log = structlog.get_logger()

_COPY = f"COPY {ApiCall._meta.db_table} ({', '.join(COLUMNS)}) FROM STDIN"
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
