"""Tills that go on redeeming over HTTP while nobody can be told of it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

import requests

from tests.factories.tenancy import server_key
from tests.proofs.checkouts import meanwhile
from tests.proofs.scenes import AMOUNT, Scene

TILLS = 4
#: Each till serves so many customers of its own, in turn.
CUSTOMERS = 4
_PAUSE_SECONDS = 0.25
_PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """What a till was told: a status, and the id of the redemption, else the body.

    ``asked_at`` and ``took`` are seconds of one clock.
    """

    status: int
    said: str
    asked_at: float
    took: float

    @property
    def failed(self) -> bool:
        """Whether nothing was redeemed."""
        return self.status != HTTPStatus.OK


class Tills:
    """Redeem at ``url`` while they are open, each over a connection of its own."""

    def __init__(self, scene: Scene, url: str) -> None:
        key = server_key(scene.project)
        self._headers = {"X-App-Id": str(key.key.app_id), "X-App-Token": key.secret}
        self._things, self._url = scene.things, f"{url}/v1/redemptions"
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(number,))
            for number in range(TILLS)
        ]
        self.answers: list[Answer] = []

    @contextmanager
    def open(self) -> Iterator[None]:
        """Redeem meanwhile."""
        with meanwhile(self._threads, self._over):
            yield

    def between(self, start: float, end: float) -> list[Answer]:
        """Return the answers to what was asked for between two moments."""
        return [one for one in self.answers if start <= one.asked_at < end]

    def _work(self, number: int) -> None:
        turn = 0
        with requests.Session() as session:
            session.headers.update(self._headers)
            while not self._over.is_set():
                turn += 1
                customer = f"{number}-{turn % CUSTOMERS}"
                self.answers.append(self._redeem(session, customer, number))
                self._over.wait(_PAUSE_SECONDS)

    def _redeem(self, session: requests.Session, customer: str, number: int) -> Answer:
        body = {
            "redeemables": [{"object": "voucher", "id": self._things[number]}],
            "customer": {"source_id": customer},
            "order": {"amount": AMOUNT},
        }
        asked_at = time.monotonic()
        try:
            answer = session.post(self._url, json=body, timeout=_PATIENCE_SECONDS)
        except requests.RequestException as lost:
            return Answer(0, str(lost), asked_at, time.monotonic() - asked_at)
        took = time.monotonic() - asked_at
        if not answer.ok:
            return Answer(answer.status_code, answer.text, asked_at, took)
        [made] = answer.json()["redemptions"]
        return Answer(answer.status_code, made["id"], asked_at, took)
