"""Tables with a partition a month, made ahead and dropped whole.

The default partition takes what no month does, and gives it back to the month that is
made for it. Nobody waits long for any of this: a lock that is not had within seconds is
left for the next time.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import structlog
from django.db import DatabaseError, connection, transaction

#: Months that are made ahead, the running one among them.
AHEAD = 3
LOCK_TIMEOUT = "3s"

log = structlog.get_logger()
#: The first day of a month, UTC.
Month = date

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


@dataclass(frozen=True)
class Months:
    """The months of one table, which is cut by its ``created_at``.

    ``wanted`` is a condition on rows that keeps a month from being dropped, a text of
    our own; without one every month goes in its time.
    """

    table: str
    wanted: str = ""

    @property
    def default(self) -> str:
        """The name of the default partition."""
        return f"{self.table}_default"

    def name_of(self, month: Month) -> str:
        """Return the name of a month's partition."""
        return f"{self.table}_{month:%Y%m}"

    def all(self) -> list[Month]:
        """Return the months that have a partition, the oldest first."""
        name = re.compile(rf"{self.table}_(\d{{4}})(\d\d)")
        with connection.cursor() as cursor:
            cursor.execute(_ALL, [self.table])
            named = [name.fullmatch(each) for (each,) in cursor.fetchall()]
        return [date(int(found[1]), int(found[2]), 1) for found in named if found]

    @transaction.atomic
    def ensure(self, month: Month) -> None:
        """Give ``month`` its partition, unless it has one.

        1. Let nobody else make one, nor put more of this month into the default
           partition.
        2. Make the table, with what the default partition holds of the month.
        3. Attach it; reading and writing go on meanwhile.
        """
        name = self.name_of(month)
        first, after = _start(month), _start(following(month))
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout TO '{LOCK_TIMEOUT}'")
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [self.table])
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone() != (None,):
                return
            # All names are our own, and the days are dates.
            cursor.execute(f"LOCK TABLE {self.default} IN ACCESS EXCLUSIVE MODE")
            cursor.execute(f"CREATE TABLE {name} (LIKE {self.table} INCLUDING ALL)")
            cursor.execute(
                f"WITH moved AS (DELETE FROM {self.default} WHERE created_at >= {first}"  # noqa: S608
                f" AND created_at < {after} RETURNING *) "
                f"INSERT INTO {name} SELECT * FROM moved"
            )
            cursor.execute(
                f"ALTER TABLE {self.table} ATTACH PARTITION {name} "
                f"FOR VALUES FROM ({first}) TO ({after})"
            )

    def ensure_ahead(self, now: datetime) -> None:
        """Give the running month and the next ones their partitions."""
        month = month_of(now)
        for _ in range(AHEAD):
            self.ensure(month)
            month = following(month)

    def drop_before(self, moment: datetime) -> list[Month]:
        """Drop the months that ended before ``moment``; return them.

        What the default partition holds from before ``moment`` is deleted. Rows that
        are ``wanted`` stay, and their month with them.
        """
        day = moment.astimezone(UTC).date()
        ended = [month for month in self.all() if following(month) <= day]
        dropped = [month for month in ended if self._drop(month)]
        unwanted = f" AND NOT ({self.wanted})" if self.wanted else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {self.default} WHERE created_at < %s{unwanted}",  # noqa: S608 - our own names
                [moment],
            )
        return dropped

    def _drop(self, month: Month) -> bool:
        name = self.name_of(month)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout TO '{LOCK_TIMEOUT}'")
                if self._is_wanted(name):
                    log.warning("month_still_wanted", table=name)
                    return False
                cursor.execute(f"DROP TABLE IF EXISTS {name}")
        except DatabaseError as error:
            log.warning("month_not_dropped", table=name, error=type(error).__name__)
            return False
        return True

    def _is_wanted(self, name: str) -> bool:
        """Say whether a month holds wanted rows; nobody writes into it from now on."""
        if not self.wanted:
            return False
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")
            cursor.execute(
                f"SELECT EXISTS (SELECT FROM {name} WHERE {self.wanted})"  # noqa: S608 - our own names
            )
            return bool(cursor.fetchone() == (True,))


def _start(month: Month) -> str:
    return f"'{month.isoformat()} 00:00Z'"
