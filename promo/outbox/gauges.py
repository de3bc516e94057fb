"""How much the relay has before it, and how long it has waited."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import QuerySet
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from promo.clock import utc_now
from promo.health.check import MOST_COUNTED, Check, of_backlog
from promo.outbox.models import DomainEvent


def check_events() -> Check:
    """Return whether the events that wait stay within READY_EVENT_BACKLOG."""
    return of_backlog("events", _count, settings.READY_EVENT_BACKLOG)


def read_gauges() -> Iterable[Metric]:
    """Return the backlog and the lag, with two statements."""
    oldest = _waiting().order_by("id").values_list("created_at", flat=True).first()
    age = 0.0 if oldest is None else max(0.0, (utc_now() - oldest).total_seconds())
    backlog = f"Events that wait for the relay; {MOST_COUNTED} stands for more, too"
    return [
        GaugeMetricFamily("promo_events_waiting", backlog, _count(MOST_COUNTED)),
        GaugeMetricFamily(
            "promo_events_lag_seconds", "Age of the oldest event that waits", age
        ),
    ]


def _count(most: int) -> int:
    return _waiting()[:most].count()


def _waiting() -> QuerySet[DomainEvent]:
    return DomainEvent.objects.filter(published_at=None)
