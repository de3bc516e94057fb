"""How far the event bus is behind, for Prometheus and for readiness."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import F, Min, Sum
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from promo.clock import utc_now
from promo.health.check import MOST_COUNTED, Check
from webhooks.models import BusPosition
from webhooks.services.bus.access import is_configured
from webhooks.services.bus.backlog import backlog


def check_bus() -> Check:
    """Return whether the bus is behind by no more than READY_BUS_LAG seconds.

    The brokers themselves are not asked: checkouts go on without them.
    """
    limit = settings.READY_BUS_LAG
    if not is_configured():
        expected = "nothing, as KAFKA_BOOTSTRAP_SERVERS is not set"
        return Check("bus", passed=True, expected=expected, found="not configured")
    lag = backlog(MOST_COUNTED).lag(utc_now()).total_seconds()
    return Check(
        "bus",
        passed=limit is None or lag <= limit,
        expected="any lag" if limit is None else f"at most {limit} s behind",
        found=f"{lag:.0f} s behind",
    )


def read_gauges() -> Iterable[Metric]:
    """Return what the bus is owed and for how long, with two statements."""
    found = backlog(MOST_COUNTED)
    return [
        *_of_ingest(),
        GaugeMetricFamily(
            "promo_bus_waiting", "Events that wait for the event bus", found.waiting
        ),
        GaugeMetricFamily(
            "promo_bus_lag_seconds",
            "Age of the oldest event that waits for the event bus",
            found.lag(utc_now()).total_seconds(),
        ),
    ]


def _of_ingest() -> Iterable[Metric]:
    """Return how far consumers are behind, all projects together."""
    lag = GaugeMetricFamily(
        "promo_bus_ingest_lag",
        "Records of the event bus that are not committed",
        labels=["kind", "partition"],
    )
    stuck = GaugeMetricFamily(
        "promo_bus_ingest_stuck_seconds",
        "How long records have waited without any being taken",
        labels=["kind", "partition"],
    )
    rows = BusPosition.objects.order_by("kind", "partition")
    found = rows.values_list("kind", "partition").annotate(
        lag=Sum(F("end") - F("committed")), since=Min("stuck_at")
    )
    for kind, partition, waiting, since in found:
        lag.add_metric([kind, str(partition)], waiting)
        waited = (utc_now() - since).total_seconds() if since else 0.0
        stuck.add_metric([kind, str(partition)], waited)
    return [lag, stuck]


def check_ingest() -> Check:
    """Return whether records wait for no more than READY_INGEST_LAG seconds."""
    limit = settings.READY_INGEST_LAG
    if not is_configured():
        expected = "nothing, as KAFKA_BOOTSTRAP_SERVERS is not set"
        return Check("ingest", passed=True, expected=expected, found="not configured")
    since = BusPosition.objects.aggregate(Min("stuck_at"))["stuck_at__min"]
    lag = (utc_now() - since).total_seconds() if since else 0.0
    return Check(
        "ingest",
        passed=limit is None or lag <= limit,
        expected="any lag" if limit is None else f"at most {limit} s behind",
        found=f"{lag:.0f} s behind",
    )
