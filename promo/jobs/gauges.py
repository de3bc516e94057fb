"""How many asynchronous actions are unfinished, and since when."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Count, Min
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from promo.clock import utc_now
from promo.health.check import Check, of_backlog
from promo.jobs.models import ActionStatus, AsyncAction


def check_jobs() -> Check:
    """Return whether the actions that wait stay within READY_JOB_BACKLOG."""
    return of_backlog("jobs", _count, settings.READY_JOB_BACKLOG)


def read_gauges() -> Iterable[Metric]:
    """Return what waits for workers by status, with one statement."""
    now = utc_now()
    count = GaugeMetricFamily(
        "promo_jobs", "Unfinished asynchronous actions", labels=["status"]
    )
    age = GaugeMetricFamily(
        "promo_jobs_oldest_seconds",
        "Age of the oldest unfinished asynchronous action",
        labels=["status"],
    )
    found = {
        row["status"]: row
        for row in AsyncAction.objects.filter(finished_at=None)
        .values("status")
        .annotate(many=Count("pk"), since=Min("created_at"))
    }
    for status in (ActionStatus.ACCEPTED, ActionStatus.IN_PROGRESS):
        row = found.get(status)
        seconds = max(0.0, (now - row["since"]).total_seconds()) if row else 0.0
        count.add_metric([status], row["many"] if row else 0)
        age.add_metric([status], seconds)
    return [count, age]


def _count(most: int) -> int:
    return AsyncAction.objects.filter(finished_at=None)[:most].count()
