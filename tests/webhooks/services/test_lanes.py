"""Lanes: what is under way at the same time, what waits, and what leaves untried."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from promo.clock import utc_now
from promo.tenancy.models import Project
from tests.factories.tenancy import NOW
from tests.factories.webhooks import customer_created, webhook
from tests.fixtures.processes import wait_until
from webhooks.engine.schedule import FAILURES_IN_A_ROW
from webhooks.models import Delivery
from webhooks.services import lanes as lanes_module
from webhooks.services.claiming import LEASE, Prepared, claim, prepare
from webhooks.services.lanes import Lanes, Sent
from webhooks.services.recording import hand_back
from webhooks.services.sending import Outcome

pytestmark = pytest.mark.django_db
ABREAST = 3


class Gate:
    """Sends nothing; holds every attempt until it is let through with an answer."""

    def __init__(self) -> None:
        self.inside: list[str] = []
        self._through = threading.Semaphore(0)
        self._waiting = ThreadPoolExecutor(max_workers=16)
        self.status = 200

    def let_through(self, attempts: int) -> None:
        self._through.release(attempts)

    async def send(self, url: str, *_: Any, **__: Any) -> Outcome:
        self.inside.append(url)
        here = asyncio.get_running_loop()
        await here.run_in_executor(self._waiting, self._through.acquire)
        return Outcome(NOW, 1, self.status)

    async def close(self) -> None:
        self._waiting.shutdown()


@contextmanager
def opened(gate: Gate, *, at_once: int = 8) -> Iterator[Lanes]:
    lanes = Lanes(gate, utc_now, at_once=at_once, abreast=ABREAST)  # type: ignore[arg-type]  # all that is used of a sender
    try:
        yield lanes
    finally:
        gate.let_through(1_000)
        lanes.close()


def claimed(project: Project, sendouts: int, *paths: str) -> list[Prepared]:
    """Owe so many sendouts to each webhook, and claim all of them."""
    for path in paths:
        webhook(project, f"https://shop.example/{path}")
    customer_created(project, *(f"c{n}" for n in range(sendouts)))
    return prepare(claim(1_000, each=1_000, now=NOW), now=NOW)


def all_that_leaves(lanes: Lanes, sendouts: int) -> list[Sent]:
    left = list[Sent]()
    wait_until(
        lambda: bool(left.extend(lanes.leaving(patience=0))) or len(left) >= sendouts,
        "everything has left",
    )
    return left


def test_a_webhook_gets_so_many_at_once_however_many_wait(project: Project) -> None:
    gate, ready = Gate(), claimed(project, 10, "a")

    with opened(gate) as lanes:
        lanes.add(ready)
        wait_until(lambda: len(gate.inside) == ABREAST, "the lane is full")
        gate.let_through(1)
        wait_until(lambda: len(gate.inside) == ABREAST + 1, "the next one begins")
        gate.let_through(9)
        left = all_that_leaves(lanes, 10)

    assert len(gate.inside) == 10
    assert all(one.outcome is not None and one.outcome.succeeded for one in left)
    assert lanes.size == 0


def test_who_waits_for_one_webhook_holds_up_no_other(project: Project) -> None:
    gate, ready = Gate(), claimed(project, 10, "a", "b")

    with opened(gate) as lanes:
        lanes.add(ready)
        wait_until(lambda: len(gate.inside) == 2 * ABREAST, "both lanes are full")

    assert sorted(gate.inside[: 2 * ABREAST]) == [
        *["https://shop.example/a"] * ABREAST,
        *["https://shop.example/b"] * ABREAST,
    ]


def test_a_stuck_lane_takes_no_place_of_others(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, ready = Gate(), claimed(project, 10, "slow")
    monkeypatch.setattr(lanes_module, "_STUCK", 3_600.0)

    with opened(gate) as lanes:
        assert lanes.room(16, each=8) == 16
        lanes.add(ready)
        wait_until(lambda: len(gate.inside) == ABREAST, "three are under way")
        while_it_moves = lanes.room(16, each=8)
        monkeypatch.setattr(lanes_module, "_STUCK", -1.0)
        once_it_is_stuck = lanes.room(16, each=8)

    assert (while_it_moves, once_it_is_stuck) == (0, 16)


def test_more_is_claimed_once_a_lane_is_half_empty(project: Project) -> None:
    gate, ready = Gate(), claimed(project, 10, "a", "b")
    few = [one for one in ready if one.url.endswith("b")][:4]

    with opened(gate) as lanes:
        lanes.add([one for one in ready if one.url.endswith("a")])
        wait_until(lambda: len(gate.inside) == ABREAST, "three are under way")
        enough = lanes.room(16, each=8)
        lanes.add(few)
        wait_until(lambda: len(gate.inside) == 2 * ABREAST, "of both three")
        one_is_half_empty = lanes.room(16, each=8)

    assert (enough, one_is_half_empty) == (0, 2)


def test_a_lane_that_keeps_failing_lets_the_rest_leave_untried(
    project: Project,
) -> None:
    gate, ready = Gate(), claimed(project, 20, "a")
    gate.status = 500
    gate.let_through(20)

    with opened(gate) as lanes:
        lanes.add(ready)
        left = all_that_leaves(lanes, 20)

    tried = [one for one in left if one.outcome is not None]
    assert FAILURES_IN_A_ROW <= len(tried) < FAILURES_IN_A_ROW + ABREAST
    assert len(left) == 20


def test_what_has_waited_for_too_long_leaves_untried(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes_module, "TIMEOUT", timedelta())
    gate, ready = Gate(), claimed(project, 4, "a")

    with opened(gate) as lanes:
        lanes.add(ready)
        left = all_that_leaves(lanes, 4)

    assert gate.inside == []
    assert [one.outcome for one in left] == [None] * 4


def test_what_leaves_untried_may_be_claimed_at_once(project: Project) -> None:
    ready = claimed(project, 3, "a")

    hand_back(ready[:2])

    again = claim(10, each=10, now=NOW)
    assert {each.pk for each in again} == {one.delivery.pk for one in ready[:2]}


def test_what_somebody_else_has_claimed_meanwhile_stays_theirs(
    project: Project,
) -> None:
    ready, later = claimed(project, 2, "a"), NOW + LEASE
    theirs = claim(10, each=10, now=later)

    hand_back(ready)

    held = Delivery.objects.values_list("claimed_until", flat=True)
    assert len(theirs) == 2
    assert list(held) == [later + LEASE] * 2
