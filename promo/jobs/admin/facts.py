"""Whether background work goes on, for the page of the system's health."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils.timezone import localdate

from promo.admin.summary import list_address
from promo.admin.visit import project_of, visit
from promo.health.fact import Fact
from promo.health.system import span
from promo.jobs.models import ActionStatus, AsyncAction

#: Work that waits longer has nobody who takes it up.
_LONG = timedelta(minutes=5)
_DAYS = 7
_MOST = 1_000


def waiting_work(request: HttpRequest) -> Fact:
    """Return how long the oldest work of the installation has waited for a step."""
    waiting = AsyncAction.objects.filter(finished_at=None)
    oldest = waiting.order_by("created_at").values_list("stepped_at", "created_at")
    found = oldest.first()
    if found is None:
        return Fact("Background work", "Nothing waits")
    age = visit(request).now - (found[0] or found[1])
    if age <= _LONG:
        return Fact("Background work", "Is being done")
    note = "Look whether manage.py serve, or a Celery worker, is running."
    return Fact("Background work", f"Nothing done for {span(age)}", "bad", note)


def failed_work(request: HttpRequest) -> Fact | None:
    """Return how much of the project's work has failed of late."""
    seen = visit(request)
    if not seen.may("async_actions.read"):
        return None
    first = localdate(seen.now) - timedelta(days=_DAYS)
    rows = (
        project_of(request)
        .async_actions.whole()
        .filter(
            status=ActionStatus.FAILED, created_at__gte=seen.now - timedelta(days=_DAYS)
        )
    )
    count = rows.order_by()[:_MOST].count()
    link = list_address(
        "jobs_asyncaction",
        status__exact=ActionStatus.FAILED.value,
        created_at_from=first.isoformat(),
    )
    return Fact(
        "Failed work",
        f"{count:,} in {_DAYS} days" if count else "None",
        "bad" if count else "good",
        link=link,
    )
