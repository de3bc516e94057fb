"""Checkouts that go on redeeming while everything that tells of it is killed."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection, transaction

from promo.clock import utc_now
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from tests.proofs.scenes import AMOUNT, Scene

CHECKOUTS = 4
#: Each checkout serves so many customers of its own, in turn.
CUSTOMERS = 4
_PAUSE_SECONDS = 0.1
_SECOND_THOUGHTS = 0.2


@contextmanager
def meanwhile(
    threads: Sequence[threading.Thread], over: threading.Event
) -> Iterator[None]:
    """Let ``threads`` work, until they are told that it is ``over``."""
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


class ThinksBetter(Exception):
    """A transaction is given up although everything in it went well."""


class Checkouts:
    """Redeem while they are open; ``made`` and ``given_up`` are ids of redemptions.

    What was given up has been rolled back after it was recorded, events included.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(number,))
            for number in range(CHECKOUTS)
        ]
        self.made: list[str] = []
        self.given_up: list[str] = []

    def serve_one(self) -> None:
        """Redeem once, before anything else happens."""
        self.made.append(self._redeem("first", 0))

    @contextmanager
    def open(self) -> Iterator[None]:
        """Redeem meanwhile."""
        with meanwhile(self._threads, self._over):
            yield

    def have_made(self, redemptions: int) -> bool:
        """Whether so many redemptions have succeeded."""
        return len(self.made) >= redemptions

    def _work(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - a repeatable choice
        turn = 0
        try:
            while not self._over.is_set():
                turn += 1
                self._serve(f"{number}-{turn % CUSTOMERS}", number, chance)
                time.sleep(chance.uniform(0, 2 * _PAUSE_SECONDS))
        finally:
            connection.close()

    def _serve(self, customer: str, number: int, chance: random.Random) -> None:
        done = None
        try:
            with transaction.atomic():
                done = self._redeem(customer, number)
                if chance.random() < _SECOND_THOUGHTS:
                    raise ThinksBetter
            self.made.append(done)
        except ThinksBetter:
            self.given_up.append(str(done))
        except (InterfaceError, OperationalError):
            connection.close()

    def _redeem(self, customer: str, number: int) -> str:
        request = CheckoutRequest(
            redeemables=(RedeemableRef("voucher", self._scene.things[number]),),
            customer={"source_id": customer},
            order={"amount": AMOUNT},
        )
        recorded = redeem(project=self._scene.project, request=request, now=utc_now())
        return recorded.rows[0].shown_id
