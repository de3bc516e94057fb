"""Killing the workers of long work at random moments, until it has ended."""

import os
import random
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from promo.clock import utc_now
from promo.jobs.actions import ask_again
from promo.jobs.models import AsyncAction
from promo.jobs.tasks import stale_actions
from tests.proofs.workers import Worker

#: Rows of the work whose workers are killed; ``make proof`` says how many.
ROWS = int(os.environ.get("PROOF_ROWS", "0"))
KILLS = 12
of_many_rows = pytest.mark.skipif(not ROWS, reason="`make proof` sets PROOF_ROWS")
#: Long enough for a worker to begin a batch, too short for many.
PAUSES = (0.1, 0.8)
SOONER = timedelta(seconds=28)


def kill_at_random(
    worker: Worker, action: AsyncAction, *, begun: Callable[[], bool]
) -> int:
    """Kill until the action has ended; return how often, while it went on.

    The first time once it has ``begun``. What was lost is asked for after moments: the
    sweep waits for half a minute.
    """
    chance, kills = random.Random(7), 0  # noqa: S311 - a repeatable choice
    unfinished = AsyncAction.objects.filter(pk=action.pk, finished_at=None)
    while unfinished.exists():
        time.sleep(chance.uniform(*PAUSES))
        if kills < KILLS and begun():
            worker.kill(chance)
            kills += 1
        for lost in stale_actions(utc_now() + SOONER):
            ask_again(lost)
    return kills
