"""How far the relay is behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from promo.outbox.models import DomainEvent

# The first of each shard stands first in its index, however many wait behind it.
_OLDEST = """
SELECT min(o.created_at) FROM outbox_shard s, LATERAL (
  SELECT e.created_at FROM outbox_domainevent e
  WHERE e.published_at IS NULL AND e.shard = s.id ORDER BY e.id LIMIT 1) o
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is recorded and not handed out: how many events, and since when."""

    waiting: int
    oldest_at: datetime | None

    def lag(self, now: datetime) -> timedelta:
        """Return how long the oldest event has waited."""
        return max(now - self.oldest_at, timedelta()) if self.oldest_at else timedelta()


def backlog(most: int | None = None) -> Backlog:
    """Return what waits in the whole installation, counted up to ``most``."""
    return Backlog(_waiting()[:most].count(), _oldest())


def count_waiting(most: int) -> int:
    """Return how many events wait, up to ``most``."""
    return _waiting()[:most].count()


def _waiting() -> QuerySet[DomainEvent]:
    return DomainEvent.objects.filter(published_at=None).order_by()


def _oldest() -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        found: datetime | None = cursor.fetchone()[0]
    return found
