"""Running actions, and finding those that a killed worker left."""

from datetime import datetime, timedelta

from celery import shared_task
from django.db.models import Q

from promo.clock import utc_now
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from promo.jobs.rows.keeping import forget_old_rows
from promo.request_context import internal_work

_STALE_AFTER = timedelta(seconds=30)
_SWEEP_SIZE = 100


@shared_task
def run_action(action_id: str) -> None:
    """Run an action to its end; each step commits by itself."""
    with internal_work():
        while run_step(action_id, now=utc_now()):
            pass


def stale_actions(now: datetime) -> list[str]:
    """Return the ids of unfinished actions that nobody seems to work on."""
    before = now - _STALE_AFTER
    quiet = Q(stepped_at=None, created_at__lt=before) | Q(stepped_at__lt=before)
    waiting = AsyncAction.objects.filter(quiet, finished_at=None)
    return list(
        waiting.order_by("created_at").values_list("pk", flat=True)[:_SWEEP_SIZE]
    )


@shared_task
def sweep_actions() -> None:
    """Ask again for what was left; a second worker finds the row locked."""
    for action_id in stale_actions(utc_now()):
        run_action.delay(action_id)


@shared_task
def forget_what_ended() -> None:
    """Delete reports, drafts and uploads that are kept no longer."""
    forget_old_rows(utc_now())
