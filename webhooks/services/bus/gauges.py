"""How far the event bus is behind, for Prometheus and for readiness."""

from collections.abc import Iterable

from django.conf import settings
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from promo.clock import utc_now
from promo.health.check import MOST_COUNTED, Check
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
    """Return what the bus is owed and for how long, with one statement."""
    found = backlog(MOST_COUNTED)
    return [
        GaugeMetricFamily(
            "promo_bus_waiting", "Events that wait for the event bus", found.waiting
        ),
        GaugeMetricFamily(
            "promo_bus_lag_seconds",
            "Age of the oldest event that waits for the event bus",
            found.lag(utc_now()).total_seconds(),
        ),
    ]
