"""Sendouts on their way: a lane for each webhook, and threads that serve all of them.

A lane has so many sendouts under way and no more, however many wait in it: a slow
receiver holds up itself alone. One that keeps failing is closed, and what waits in it
is left to a later time; so is what has waited for too long.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, SimpleQueue

from webhooks.engine.schedule import FAILURES_IN_A_ROW
from webhooks.services.claiming import Prepared
from webhooks.services.sending import TIMEOUT, Call, Outcome, Sender

#: How often somebody looks whether an attempt has used up its time.
GLANCE = 0.25


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


class Lanes:
    """Lanes for what is claimed; ``threads`` serve them, ``abreast`` one at most."""

    def __init__(
        self,
        sender: Sender,
        clock: Callable[[], datetime],
        *,
        threads: int,
        abreast: int,
    ) -> None:
        self._sender, self._clock, self._abreast = sender, clock, abreast
        self._lanes: dict[str, _Lane] = {}
        self._line = deque[_Lane]()
        self._calls = set[Call]()
        self._left: SimpleQueue[Sent] = SimpleQueue()
        self._changed = threading.Condition()
        self._over = False
        self.size = 0
        self._threads = [
            threading.Thread(target=self._serve, name=f"sender-{number}")
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def add(self, ready: Iterable[Prepared]) -> None:
        """Put sendouts into the lanes of their webhooks."""
        now = time.monotonic()
        with self._changed:
            for each in ready:
                webhook = each.delivery.webhook
                lane = self._lanes.get(webhook.pk)
                if lane is None:
                    lane = self._lanes[webhook.pk] = _Lane(webhook.failures)
                lane.waiting.append((each, now))
                self.size += 1
                self._line_up(lane)

    def leaving(self, *, patience: float) -> list[Sent]:
        """Return what has left its lane, once anything has and others had a moment.

        ``patience`` is that moment, in seconds.
        """
        left = list[Sent]()
        try:
            left.append(self._left.get(timeout=GLANCE))
            until = time.monotonic() + patience
            while len(left) < self.size:
                rest = until - time.monotonic()
                left.append(self._left.get(timeout=max(0.0, rest)))
        except Empty:
            pass
        self._cut_what_is_overdue()
        self.size -= len(left)
        return left

    def clear(self) -> None:
        """Let what waits leave untried."""
        with self._changed:
            for lane in self._lanes.values():
                self._close(lane)

    def close(self) -> None:
        """Wait until nothing is under way, and let the threads go."""
        self.clear()
        with self._changed:
            self._over = True
            self._changed.notify_all()
        while any(thread.is_alive() for thread in self._threads):
            self._cut_what_is_overdue()
            for thread in self._threads:
                thread.join(GLANCE / len(self._threads))

    def _line_up(self, lane: _Lane) -> None:
        if lane.waiting and not lane.in_line and lane.running < self._abreast:
            lane.in_line = True
            self._line.append(lane)
            self._changed.notify()

    def _close(self, lane: _Lane) -> None:
        while lane.waiting:
            self._left.put(Sent(lane.waiting.popleft()[0], None))

    def _serve(self) -> None:
        while (found := self._next()) is not None:
            lane, prepared, call = found
            outcome = self._sender.send(
                prepared.url,
                prepared.body,
                prepared.headers,
                call=call,
                now=self._clock(),
            )
            with self._changed:
                self._calls.discard(call)
                lane.running -= 1
                lane.failures = 0 if outcome.succeeded else lane.failures + 1
                if lane.failures >= FAILURES_IN_A_ROW:
                    self._close(lane)
                self._line_up(lane)
            self._left.put(Sent(prepared, outcome))

    def _next(self) -> tuple[_Lane, Prepared, Call] | None:
        """Wait for a lane that may begin with another sendout, and take that one."""
        with self._changed:
            while True:
                while not self._line:
                    if self._over:
                        return None
                    self._changed.wait()
                lane = self._line.popleft()
                lane.in_line = False
                if lane.waiting and self._is_too_old(lane.waiting[0][1]):
                    self._close(lane)
                if lane.waiting:
                    break
            prepared, _ = lane.waiting.popleft()
            lane.running += 1
            self._line_up(lane)
            call = Call()
            self._calls.add(call)
            return lane, prepared, call

    @staticmethod
    def _is_too_old(since: float) -> bool:
        """Whether an attempt might outlive its claim."""
        return time.monotonic() - since > TIMEOUT.total_seconds()

    def _cut_what_is_overdue(self) -> None:
        with self._changed:
            calls = list(self._calls)
        for call in calls:
            call.cut_if_overdue()
