"""Sendouts on their way: a lane for each webhook, and one loop that serves all of them.

A lane has so many sendouts under way and no more, however many wait in it: a slow
receiver holds up itself alone. One that keeps failing is closed, and what waits in it
is left to a later time; so is what has waited for too long.

The lanes belong to the loop, which has a thread of its own; whoever fills them hands
over what is ready, and takes what has left.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from webhooks.engine.schedule import FAILURES_IN_A_ROW
from webhooks.services.claiming import Prepared
from webhooks.services.sending import TIMEOUT, Outcome, Sender

#: So long somebody waits who has nothing to do before anything has left.
GLANCE = 0.25
#: A full lane that nothing has left for so long is stuck.
_STUCK = 0.5


@dataclass(frozen=True, slots=True)
class Sent:
    """A sendout that has left its lane; without an outcome it has not been tried."""

    prepared: Prepared
    outcome: Outcome | None


@dataclass(slots=True)
class _Lane:
    failures: int
    waiting: deque[tuple[Prepared, float]] = field(default_factory=deque)
    running: int = 0
    in_line: bool = False
    left_at: float = field(default_factory=time.monotonic)

    @property
    def size(self) -> int:
        """How many are in it, waiting or under way."""
        return len(self.waiting) + self.running


class Lanes:
    """Lanes for what is claimed; ``at_once`` are under way, ``abreast`` of one lane."""

    def __init__(
        self,
        sender: Sender,
        clock: Callable[[], datetime],
        *,
        at_once: int,
        abreast: int,
    ) -> None:
        self._sender, self._clock = sender, clock
        self._at_once, self._abreast = at_once, abreast
        self._lanes: dict[str, _Lane] = {}
        self._line = deque[_Lane]()
        self._under_way = set[asyncio.Task[None]]()
        self._left = deque[Sent]()
        self._any_left, self._run_dry = threading.Event(), threading.Event()
        self.size = 0
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._serve, name="sender")
        self._thread.start()

    def room(self, places: int, *, each: int) -> int:
        """Return how many more should be claimed, 0 while every lane has enough.

        ``places`` are shared by the lanes that move, ``each`` of which may have so
        many. What is stuck takes no place: it is held up by its own share alone.
        """
        since = time.monotonic() - _STUCK
        moving = [
            lane.size
            for lane in list(self._lanes.values())
            if lane.size and (lane.running < self._abreast or lane.left_at > since)
        ]
        taken = sum(moving)
        if taken > places // 2 and min(moving) > each // 2:
            return 0
        return max(0, places - taken)

    def add(self, ready: Sequence[Prepared]) -> None:
        """Put sendouts into the lanes of their webhooks."""
        if ready:
            self.size += len(ready)
            self._loop.call_soon_threadsafe(self._take_in, ready)

    def leaving(self, *, patience: float) -> list[Sent]:
        """Return what has left its lane, once anything has and others had a moment.

        ``patience`` is that moment, in seconds; nobody waits once a lane has run dry.
        """
        if self._any_left.wait(GLANCE):
            self._run_dry.wait(patience)
        self._any_left.clear()
        self._run_dry.clear()
        left = [self._left.popleft() for _ in range(len(self._left))]
        self.size -= len(left)
        return left

    def clear(self) -> None:
        """Let what waits leave untried."""
        self._loop.call_soon_threadsafe(self._close_all)

    def close(self) -> None:
        """Wait until nothing is under way, and let the thread go."""
        self.clear()
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._until_over())

    async def _until_over(self) -> None:
        await self._over.wait()
        while self._under_way:
            await asyncio.wait(self._under_way)
        await self._sender.close()

    def _take_in(self, ready: Iterable[Prepared]) -> None:
        now = time.monotonic()
        for each in ready:
            webhook = each.delivery.webhook
            lane = self._lanes.get(webhook.pk)
            if lane is None:
                lane = self._lanes[webhook.pk] = _Lane(webhook.failures)
            lane.waiting.append((each, now))
            self._line_up(lane)
        self._begin()

    def _line_up(self, lane: _Lane) -> None:
        if lane.waiting and not lane.in_line and lane.running < self._abreast:
            lane.in_line = True
            self._line.append(lane)

    def _begin(self) -> None:
        """Let those in line begin, as long as there are places."""
        while self._line and len(self._under_way) < self._at_once:
            lane = self._line.popleft()
            lane.in_line = False
            if lane.waiting and self._is_too_old(lane.waiting[0][1]):
                self._close(lane)
            if lane.waiting:
                prepared, _ = lane.waiting.popleft()
                lane.running += 1
                self._line_up(lane)
                task = self._loop.create_task(self._send(lane, prepared))
                self._under_way.add(task)

    async def _send(self, lane: _Lane, prepared: Prepared) -> None:
        outcome = await self._sender.send(
            prepared.url, prepared.body, prepared.headers, now=self._clock()
        )
        self._under_way.discard(asyncio.current_task())
        lane.running -= 1
        lane.left_at = time.monotonic()
        lane.failures = 0 if outcome.succeeded else lane.failures + 1
        if lane.failures >= FAILURES_IN_A_ROW:
            self._close(lane)
        self._line_up(lane)
        self._begin()
        self._leave(Sent(prepared, outcome))
        if not lane.size:
            self._run_dry.set()

    def _close(self, lane: _Lane) -> None:
        while lane.waiting:
            self._leave(Sent(lane.waiting.popleft()[0], None))
        self._run_dry.set()

    def _close_all(self) -> None:
        for lane in self._lanes.values():
            self._close(lane)

    def _leave(self, sent: Sent) -> None:
        self._left.append(sent)
        self._any_left.set()

    @staticmethod
    def _is_too_old(since: float) -> bool:
        """Whether an attempt might outlive its claim."""
        return time.monotonic() - since > TIMEOUT.total_seconds()
