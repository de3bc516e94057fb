"""Killing whoever tells of what happened, at random moments, while checkouts go on."""

import random
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

from promo.clock import utc_now
from promo.outbox.models import DomainEvent
from tests.fixtures.processes import kill, wait_until, wait_until_gone
from tests.proofs.checkouts import Checkouts
from tests.proofs.own_database import OwnDatabase, kill_connections
from tests.proofs.receivers import Receivers
from tests.proofs.workers import BEAT, WORKER, Installation
from webhooks.models import Delivery, Webhook
from webhooks.services.claiming import LEASE

_T = TypeVar("_T")
#: Who dies in a round, in an order that chance decides.
DEATHS = (
    *("a worker", "all workers", "the whole", "beat"),
    *("a receiver", "all connections", "the database"),
)
#: So many redemptions at least lie between two deaths.
BETWEEN = 10
#: So much of the pause before a retry is waited for.
_MINUTE_SECONDS = 1.5
_PATIENCE = 90
_DOWN_SECONDS = (0.2, 1.0)
_LATER_SECONDS = (0.0, 0.5)


class Silencer:
    """Kills everybody ``rounds`` times; ``served`` counts redemptions before each."""

    def __init__(
        self,
        installation: Installation,
        receivers: Receivers,
        database: OwnDatabase,
        *,
        rounds: int,
    ) -> None:
        self._chance = random.Random()  # noqa: S311 - any moment will do
        self._installation, self._receivers = installation, receivers
        self._database = database
        self._passed = 0.0
        self.deaths = self._chance.sample(DEATHS * rounds, len(DEATHS) * rounds)
        self.served: list[int] = []

    def wait_for_workers(self) -> None:
        """Wait until what has happened so far is told."""
        self._wait(nothing_is_owed, "workers tell of it", seconds=4 * _PATIENCE)

    def go_through(self, checkouts: Checkouts) -> None:
        """Let everybody die once the checkouts have gone on for a while."""
        for death in self.deaths:
            before = len(checkouts.made)
            self._wait(partial(checkouts.have_made, before + BETWEEN), "redemptions")
            self._wait(_is_telling, "something is told")
            time.sleep(self._chance.uniform(*_LATER_SECONDS))
            self._kill(death)
            self.served.append(len(checkouts.made) - before)

    def wait_until_all_is_told(self) -> None:
        """Wait until nothing is owed to anybody."""
        self._wait(nothing_is_owed, "everything is told", seconds=4 * _PATIENCE)

    def _wait(
        self, condition: Callable[[], bool], what: str, seconds: float = _PATIENCE
    ) -> None:
        def holds() -> bool:
            self._installation.check()
            self._let_time_pass()
            return bool(_asked(condition))

        wait_until(holds, what, seconds=seconds, found=self._found)

    def _let_time_pass(self) -> None:
        """Make due what is to be tried again in minutes, as if they were over."""
        if time.monotonic() - self._passed < _MINUTE_SECONDS:
            return
        self._passed = time.monotonic()
        _asked(let_a_minute_pass)

    def _kill(self, death: str) -> None:
        if death == "a receiver":
            self._receivers.kill_the_mortal()
            time.sleep(self._chance.uniform(*_DOWN_SECONDS))
            self._receivers.revive_the_mortal()
        elif death == "all connections":
            kill_connections()
        elif death == "the database":
            self._database.kill()
        else:
            self._kill_of_installation(death)

    def _kill_of_installation(self, death: str) -> None:
        doomed = self._installation.running(BEAT if death == "beat" else WORKER)
        at = utc_now()
        if death == "the whole":
            self._installation.kill_whole()
        elif death == "a worker":
            kill(process.pid for process in doomed[:1])
        else:
            kill(process.pid for process in doomed)
            wait_until_gone(doomed)
        if death in {"the whole", "all workers"}:
            # Whoever held them is dead: as if their time were over.
            claimed = Delivery.objects.filter(claimed_until__lte=at + LEASE)
            claimed.update(claimed_until=at)

    def _found(self) -> str:
        owed = Delivery.objects.pending().values("webhook__target_url", "claimed_until")
        waiting = DomainEvent.objects.filter(published_at=None).count()
        words = self._installation.last_words()
        return f"{waiting} events wait, {list(owed[:20])} are owed, running:\n{words}"


def _asked(ask: Callable[[], _T]) -> _T | None:
    """Return what is answered, or None where the connection has died."""
    try:
        return ask()
    except (InterfaceError, OperationalError):
        connection.close()
        return None


def let_a_minute_pass() -> None:
    """Make due what is to be tried again, and go on where a receiver was left alone."""
    now = utc_now()
    later = Delivery.objects.pending().filter(claimed_until=None, due_at__gt=now)
    later.update(due_at=now)
    for webhook in Webhook.objects.filter(paused_until__gt=now):
        # One by one: whoever records holds several in an order.
        Webhook.objects.filter(pk=webhook.pk).update(paused_until=now)


def _is_telling() -> bool:
    """Whether something is on its way."""
    return Delivery.objects.pending().exclude(claimed_until=None).exists()


def nothing_is_owed() -> bool:
    """Whether every event has been handed on, and every sendout has ended."""
    waiting = DomainEvent.objects.filter(published_at=None)
    return not waiting.exists() and not Delivery.objects.pending().exists()
