"""Clients that redeem at once on real connections, half of them killed at random."""

import random
import threading
from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from promo.errors import PromoError

#: What a client does at its n-th turn; it raises what it is refused with.
Step = Callable[[int, random.Random], None]

NOTHING_LEFT = "no_applicable_redeemables"
_TURNS = 500
# So many turns name every code and every customer.
_PATIENCE = 12
_KILLS = 0.5


@dataclass
class Crowd:
    """So many clients; every second one may lose its connection at any moment.

    Clients go on until nothing is left of anything they may ask for. ``outcomes``
    tells what became of their attempts: ``done``, ``killed``, ``deadlock`` or why
    refused.
    """

    step: Step
    clients: int
    outcomes: Tally[str] = field(default_factory=Tally)
    _mortal: dict[int, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Let all of them work until each is refused."""
        threads = [
            threading.Thread(target=self._work, args=(number,))
            for number in range(self.clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - a repeatable choice
        try:
            refused = 0
            for turn in range(number, number + _TURNS):
                outcome = self._attempt(number, turn, chance)
                with self._lock:
                    self.outcomes[outcome] += 1
                refused = refused + 1 if outcome == NOTHING_LEFT else 0
                if refused == _PATIENCE:
                    return
        finally:
            self._leave(number)

    def _leave(self, number: int) -> None:
        """Give the connection back; the pool must know of one that is dead already."""
        with self._lock:
            self._mortal.pop(number, None)
        if connection.connection is not None:
            connection.is_usable()
        connection.close()

    def _attempt(self, number: int, turn: int, chance: random.Random) -> str:
        try:
            self._offer(number)
            if number % 2:
                self._kill(chance)
            self.step(turn, chance)
        except PromoError as refused:
            return refused.key
        except (InterfaceError, OperationalError) as lost:
            connection.close()
            deadlocked = isinstance(lost.__cause__, DeadlockDetected)
            return "deadlock" if deadlocked else "killed"
        return "done"

    def _offer(self, number: int) -> None:
        """Say which connection is to be killed: those of the even clients."""
        connection.ensure_connection()
        if number % 2 == 0:
            with self._lock:
                self._mortal[number] = connection.connection.info.backend_pid

    def _kill(self, chance: random.Random) -> None:
        if chance.random() > _KILLS:
            return
        connection.ensure_connection()
        with self._lock, transaction.atomic(), connection.cursor() as cursor:
            pids = list(self._mortal.values())
            if pids:
                cursor.execute("SELECT pg_terminate_backend(%s)", [chance.choice(pids)])
