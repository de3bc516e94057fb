"""Killing an installation, part by part, at random moments of its long work."""

import os
import random
import time
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.db.models import Q

from promo.clock import utc_now
from promo.jobs.actions import ask_again
from promo.jobs.models import AsyncAction
from promo.jobs.tasks import stale_actions
from tests.fixtures.processes import kill, wait_until
from tests.proofs.workers import BEAT, WEB, WORKER, Installation

#: Rows of the work whose workers are killed; ``make proof`` says how many.
ROWS = int(os.environ.get("PROOF_ROWS", "0"))
of_many_rows = pytest.mark.skipif(not ROWS, reason="`make proof` sets PROOF_ROWS")
#: What is killed, in an order that chance decides.
DEATHS = (
    *["a worker"] * 5,
    *["all workers"] * 2,
    *["the whole"] * 2,
    "the supervisor",
    "beat",
    "the web",
)
#: So long after somebody was seen at work, less than most batches take.
PAUSES = (0.0, 0.3)
SOONER = timedelta(seconds=28)
ASK_EVERY_SECONDS = 2.0
#: Beyond this many seconds the work has come to a standstill.
PATIENCE = 300 + ROWS // 150
_AT_WORK = """
    SELECT EXISTS (
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
            AND backend_xid IS NOT NULL
            AND clock_timestamp() - xact_start > interval '20 ms')
"""


class Killer:
    """Kills parts of an installation while it works; ``deaths`` are still to come."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._chance = random.Random()  # noqa: S311 - any moment will do
        self._asked = 0.0
        self._deadline = time.monotonic() + PATIENCE
        self.deaths = self._chance.sample(DEATHS, len(DEATHS))
        self.killed: list[str] = []

    def work_on(self, action: AsyncAction) -> None:
        """Kill until the action has ended.

        What was lost is asked for after moments: the sweep waits for half a minute.
        """
        unfinished = AsyncAction.objects.filter(pk=action.pk, finished_at=None)

        def has_ended() -> bool:
            self._installation.check()
            if self.deaths and _somebody_works():
                time.sleep(self._chance.uniform(*PAUSES))
                self._kill_next()
            self._ask_for_what_was_lost()
            return not unfinished.exists()

        left = self._deadline - time.monotonic()
        found = partial(self._found, action)
        wait_until(has_ended, "the action ends", seconds=left, found=found)

    def _ask_for_what_was_lost(self) -> None:
        if time.monotonic() - self._asked < ASK_EVERY_SECONDS:
            return
        self._asked = time.monotonic()
        for lost in stale_actions(utc_now() + SOONER):
            ask_again(lost)

    def _kill_next(self) -> None:
        if _kill(self._installation, self.deaths[-1], self._chance):
            self.killed.append(self.deaths.pop())

    def _found(self, action: AsyncAction) -> str:
        of_work = Q(pk=action.pk) | Q(parent=action.pk)
        rows = AsyncAction.objects.filter(of_work)
        state = list(rows.values("pk", "status", "turn", "stepped_at", "progress"))
        running = self._installation.last_words()
        return f"{state}, killed {self.killed}, running:\n{running}"


def _somebody_works() -> bool:
    """Whether another connection has been writing for a while."""
    with connection.cursor() as cursor:
        cursor.execute(_AT_WORK)
        return bool(cursor.fetchone()[0])


def _kill(installation: Installation, death: str, chance: random.Random) -> bool:
    """Let somebody die; return whether anybody was there to be killed."""
    if death == "the whole":
        installation.kill_whole()
        return True
    if death == "the supervisor":
        installation.kill_supervisor()
        return True
    part = {"beat": BEAT, "the web": WEB}.get(death, WORKER)
    doomed = [process.pid for process in installation.running(part)]
    if doomed and death == "a worker":
        doomed = [chance.choice(doomed)]
    kill(doomed)
    return bool(doomed)
