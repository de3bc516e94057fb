"""Whether events are handed on, for the page of the system's health."""

from datetime import timedelta

from django.http import HttpRequest

from promo.admin.visit import visit
from promo.health.fact import Fact
from promo.health.system import span
from promo.outbox.backlog import backlog

_LONG = timedelta(minutes=1)
_MOST = 10_000


def waiting_events(request: HttpRequest) -> Fact:
    """Return how long the oldest event has waited to be handed on."""
    found = backlog(_MOST)
    if not found.waiting:
        return Fact("Events", "All handed on")
    lag = found.lag(visit(request).now)
    count = f"{found.waiting:,}" if found.waiting < _MOST else f"{_MOST:,} or more"
    value = f"{count} wait, the oldest for {span(lag)}"
    if lag <= _LONG:
        return Fact("Events", value)
    note = "Webhooks, segments and figures are behind until a worker is running."
    return Fact("Events", value, "bad", note)
