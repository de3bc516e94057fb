"""How far the bus is behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

# What a shard has owed longest stands first in its index.
_WAITING = """
SELECT coalesce(sum(b.number), 0), (
  SELECT min(o.since) FROM webhooks_busshard s, LATERAL (
    SELECT f.since FROM webhooks_busbatch f
    WHERE f.shard = s.id ORDER BY f.id LIMIT 1) o)
FROM (SELECT cardinality(coalesce(c."left"::int[], '{}')) +
        CASE WHEN c."left" IS NULL THEN cardinality(c.events) ELSE 0 END AS number
      FROM webhooks_busbatch c LIMIT %s) b
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the bus is owed: how many events, and since when."""

    waiting: int
    oldest_at: datetime | None

    def lag(self, now: datetime) -> timedelta:
        """Return how long the oldest of them has waited."""
        return max(now - self.oldest_at, timedelta()) if self.oldest_at else timedelta()


def backlog(most_rows: int) -> Backlog:
    """Return what waits, counted in up to ``most_rows`` rows, with one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [most_rows])
        waiting, oldest_at = cursor.fetchone()
    return Backlog(int(waiting), oldest_at)
