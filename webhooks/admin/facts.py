"""Whether others hear what happens, for the page of the system's health."""

from datetime import timedelta

from django.http import HttpRequest

from promo.admin.summary import list_address
from promo.admin.visit import project_of, visit
from promo.health.check import MOST_COUNTED
from promo.health.fact import Fact
from promo.health.system import span
from webhooks.models import BusDeadLetter, LetterState
from webhooks.services.bus.access import is_configured
from webhooks.services.bus.backlog import backlog

_LONG = timedelta(minutes=1)
_MOST = 1_000


def event_bus(request: HttpRequest) -> Fact:
    """Return how far the event bus is behind, where there is one."""
    if not is_configured():
        return Fact("Event bus", "None is set up", "plain")
    lag = backlog(MOST_COUNTED).lag(visit(request).now)
    if lag <= _LONG:
        return Fact("Event bus", "Up to date")
    note = "Look whether run_bus_relay runs, and the brokers answer."
    return Fact("Event bus", f"{span(lag)} behind", "bad", note)


def webhooks_off(request: HttpRequest) -> Fact | None:
    """Return how many webhooks of the project are switched off or fail."""
    if not visit(request).may("webhooks.read"):
        return None
    rows = project_of(request).webhooks.configured().order_by()
    states = list(rows.values_list("active", "paused_until")[:_MOST])
    off = sum(not active for active, _ in states)
    failing = sum(bool(active and paused) for active, paused in states)
    said = [f"{off:,} off"] if off else []
    said += [f"{failing:,} failing"] if failing else []
    narrowed = {"active__exact": "0"} if off else {}
    return Fact(
        "Webhooks",
        ", ".join(said) or ("All work" if states else "None"),
        "bad" if off else "warn" if failing else "good",
        link=list_address("webhooks_webhook", **narrowed),
    )


def dead_letters(request: HttpRequest) -> Fact | None:
    """Return how many records came in by the event bus and wait to be looked at."""
    if not visit(request).may("webhooks.read"):
        return None
    waiting = BusDeadLetter.objects.filter(
        project=project_of(request), state=LetterState.WAITING
    )
    count = waiting.order_by()[:_MOST].count()
    state = LetterState.WAITING.value
    return Fact(
        "Dead letters",
        f"{count:,} to be looked at" if count else "None",
        "bad" if count else "good",
        link=list_address("webhooks_busdeadletter", state__exact=state),
    )
