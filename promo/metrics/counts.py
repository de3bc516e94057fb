"""What is counted while it happens, each process for itself.

Under ``PROMETHEUS_MULTIPROC_DIR`` every process keeps its counts in a file there, so
that one answer tells of all of them. The values of labels come from closed sets: never
an id, a code or whatever else a caller may choose.
"""

from functools import cache
from pathlib import Path

from django.conf import settings
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
)

if settings.METRICS_DIR:
    Path(settings.METRICS_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)

# Processes that share their counts have no common moment of creation.
disable_created_metrics()
REGISTRY = CollectorRegistry()

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_REQUESTS = Histogram(
    "promo_request_seconds",
    "Requests, and how long their answers took, by the template of their address",
    ("method", "route", "status"),
    buckets=_SECONDS,
    registry=REGISTRY,
)
_DECISIONS = Counter(
    "promo_decisions",
    "Decisions about redeemables; reason is the key of what refused, else empty",
    ("operation", "verdict", "reason"),
    registry=REGISTRY,
)
_EVENTS_RELAYED = Counter(
    "promo_events_relayed",
    "Events that the relay handed to whoever listens",
    registry=REGISTRY,
)
_PUBLISHED = Counter(
    "promo_bus_published",
    "Events that were sent to the event bus; taken or failed, then sent again",
    ("outcome",),
    registry=REGISTRY,
)
_INGESTED = Counter(
    "promo_bus_ingested",
    "Records from the event bus: taken, repeated, foreign or dead",
    ("kind", "outcome"),
    registry=REGISTRY,
)
_REBALANCES = Counter(
    "promo_bus_rebalances",
    "How often consumers of the event bus were given other partitions",
    registry=REGISTRY,
)
_JOBS_ENDED = Counter(
    "promo_jobs_ended",
    "Asynchronous actions that have ended, parts of others included",
    ("type", "status"),
    registry=REGISTRY,
)
_WEBHOOK_ATTEMPTS = Counter(
    "promo_webhook_attempts",
    "Attempts at sendouts; given_up is a failure that is not tried again",
    ("outcome",),
    registry=REGISTRY,
)
_WEBHOOK_SECONDS = Histogram(
    "promo_webhook_attempt_seconds",
    "How long attempts at sendouts took, whatever came of them",
    buckets=_SECONDS,
    registry=REGISTRY,
)


def count_request(*, method: str, route: str, status: str, seconds: float) -> None:
    """Count a request; ``status`` is a class such as ``2xx``."""
    _request(method, route, status).observe(seconds)


def count_decision(*, operation: str, reason: str) -> None:
    """Count a decision; an empty ``reason`` is one in favour."""
    _decision(operation, reason).inc()


def count_relayed(events: int) -> None:
    """Count events that have been relayed."""
    _EVENTS_RELAYED.inc(events)


def count_published(taken: int, *, failed: int) -> None:
    """Count events that the event bus has taken, and those that it has not."""
    for outcome, number in (("taken", taken), ("failed", failed)):
        if number:
            _PUBLISHED.labels(outcome).inc(number)


def count_ingested(kind: str, outcome: str) -> None:
    """Count a record that came in by the event bus, and what became of it."""
    _INGESTED.labels(kind, outcome).inc()


def count_rebalance() -> None:
    """Count that a consumer was given other partitions."""
    _REBALANCES.inc()


def count_ended_job(*, kind: str, status: str) -> None:
    """Count an asynchronous action that has ended."""
    _JOBS_ENDED.labels(kind, status).inc()


def count_attempt(*, outcome: str, seconds: float) -> None:
    """Count an attempt at a sendout: it ``succeeded``, ``failed`` or was ``given_up``.

    A failed one is tried again.
    """
    _WEBHOOK_ATTEMPTS.labels(outcome).inc()
    _WEBHOOK_SECONDS.observe(seconds)


# Looking a child up takes as long as counting: it is done once.
@cache
def _request(method: str, route: str, status: str) -> Histogram:
    return _REQUESTS.labels(method, route, status)


@cache
def _decision(operation: str, reason: str) -> Counter:
    verdict = "rejected" if reason else "accepted"
    return _DECISIONS.labels(operation, verdict, reason)
