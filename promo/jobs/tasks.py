"""Running actions, and finding those that a killed worker left."""

from datetime import datetime, timedelta

from celery import shared_task
from django.db.models import Q

from promo.clock import utc_now
from promo.jobs.actions import ask_again, run_step
from promo.jobs.models import AsyncAction
from promo.jobs.rows.keeping import forget_old_rows
from promo.request_context import internal_work

_STALE_AFTER = timedelta(seconds=30)
_SWEEP_SIZE = 100
#: So long one action keeps a worker from the others that wait.
SLICE = timedelta(seconds=1)


@shared_task
def run_action(action_id: str, turn: int = 0) -> None:
    """Run an action for a while; if it is not done, it queues up behind the others.

    Each step commits by itself. There is nothing to do where somebody has been asked
    after this ``turn``.
    """
    if not AsyncAction.objects.filter(pk=action_id, turn=turn).exists():
        return
    with internal_work():
        now = utc_now()
        until = now + SLICE
        while run_step(action_id, now=now):
            now = utc_now()
            if now >= until:
                ask_again(action_id, turn=turn)
                return


def stale_actions(now: datetime) -> list[str]:
    """Return the ids of unfinished actions that nobody seems to work on."""
    before = now - _STALE_AFTER
    quiet = Q(stepped_at=None, created_at__lt=before) | Q(stepped_at__lt=before)
    waiting = AsyncAction.objects.workable().filter(quiet)
    return list(
        waiting.order_by("created_at").values_list("pk", flat=True)[:_SWEEP_SIZE]
    )


@shared_task
def sweep_actions() -> None:
    """Ask again for what was left; a second worker finds the row locked."""
    for action_id in stale_actions(utc_now()):
        ask_again(action_id)


@shared_task
def forget_what_ended() -> None:
    """Delete reports, drafts and uploads that are kept no longer."""
    forget_old_rows(utc_now())
