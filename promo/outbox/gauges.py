"""How much the relay has before it, and how long it has waited."""

from collections.abc import Iterable

from django.conf import settings
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from promo.clock import utc_now
from promo.health.check import MOST_COUNTED, Check, of_backlog
from promo.outbox.backlog import backlog, count_waiting


def check_events() -> Check:
    """Return whether the events that wait stay within READY_EVENT_BACKLOG."""
    return of_backlog("events", count_waiting, settings.READY_EVENT_BACKLOG)


def read_gauges() -> Iterable[Metric]:
    """Return the backlog and the lag, with two statements."""
    found = backlog(MOST_COUNTED)
    waiting = f"Events that wait for the relay; {MOST_COUNTED} stands for more, too"
    return [
        GaugeMetricFamily("promo_events_waiting", waiting, found.waiting),
        GaugeMetricFamily(
            "promo_events_lag_seconds",
            "Age of the oldest event that waits",
            found.lag(utc_now()).total_seconds(),
        ),
    ]
