"""How far the relay is behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min

from promo.outbox.models import DomainEvent


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is recorded and not handed out: how many events, and since when."""

    waiting: int
    oldest_at: datetime | None

    def lag(self, now: datetime) -> timedelta:
        """Return how long the oldest event has waited."""
        return max(now - self.oldest_at, timedelta()) if self.oldest_at else timedelta()


def backlog() -> Backlog:
    """Return what waits in the whole installation."""
    waiting = DomainEvent.objects.filter(published_at=None).order_by()
    found = waiting.aggregate(count=Count("pk"), oldest=Min("created_at"))
    return Backlog(found["count"], found["oldest"])
