"""From requests to the table, without a request ever waiting for it.

1. A request leaves its call in a queue of its process. A queue that is full takes no
   more: the call is lost, and counted.
2. A thread of the process masks and stores what waits, a batch at a time, once a
   second. While the database does not answer it keeps the batch, and tries again after
   a pause that doubles.
3. A process that ends stores what waits first. One that is killed loses a second.

A forked child starts with a queue and thread of its own.
"""

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from promo.call_log.call import Call
from promo.call_log.storing import store

PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_BATCH = 500
_MOST_CALLS = 20_000
_MOST_BYTES = 64 * 1024 * 1024
_SECONDS_TO_END = 10.0

log = structlog.get_logger()
Store = Callable[[Sequence[Call]], None]


class Writer:
    """The queue of one process and the thread that empties it.

    It holds at most ``most_calls`` calls with bodies of ``most_bytes`` in all.
    """

    def __init__(
        self,
        store_batch: Store = store,
        *,
        most_calls: int = _MOST_CALLS,
        most_bytes: int = _MOST_BYTES,
    ) -> None:
        self._store = store_batch
        self._most_calls = most_calls
        self._most_bytes = most_bytes
        self.forget()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """Start anew, as a forked child does: what waits is its parent's."""
        self._lock = threading.Lock()
        self._storing = threading.Lock()
        self._waiting: deque[Call] = deque()
        self._bytes = 0
        self._lost = 0
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return len(self._waiting)

    def offer(self, call: Call) -> bool:
        """Take a call to be stored soon; return False where it is lost."""
        with self._lock:
            full = (
                len(self._waiting) >= self._most_calls
                or self._bytes + call.size > self._most_bytes
            )
            if full:
                self._lost += 1
            else:
                self._waiting.append(call)
                self._bytes += call.size
            if self._thread is None or not self._thread.is_alive():
                self._start()
        return not full

    def flush(self) -> None:
        """Store what waits, in this thread.

        Raises:
            OperationalError, InterfaceError: the database does not answer; what could
                not be stored waits on.
        """
        with self._storing:
            self._tell_lost()
            while batch := self._take():
                try:
                    self._store(batch)
                except (OperationalError, InterfaceError):
                    self._put_back(batch)
                    raise
                except DatabaseError as error:
                    # It would fail again: nothing behind it may wait for it.
                    log.exception("calls_not_stored", calls=len(batch), exc_info=error)

    def end(self) -> None:
        """Store what waits and stop; the next call offered starts anew."""
        self._ending.set()
        thread = self._thread
        if thread is not None:
            thread.join(_SECONDS_TO_END)
        with self._lock:
            self._thread = None

    def _start(self) -> None:
        self._ending = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(self._ending,), name="call-log", daemon=True
        )
        self._thread.start()

    def _run(self, ending: threading.Event) -> None:
        pause = PAUSE
        while not ending.wait(pause):
            pause = PAUSE if self._try_to_flush() else min(2 * pause, _LONGEST_PAUSE)
        self._try_to_flush()

    def _try_to_flush(self) -> bool:
        if not self.waiting and not self._lost:
            return True
        try:
            self.flush()
        except (OperationalError, InterfaceError) as error:
            log.warning("calls_wait_for_the_database", error=type(error).__name__)
            return False
        finally:
            connection.close()
        return True

    def _take(self) -> list[Call]:
        with self._lock:
            count = min(len(self._waiting), _BATCH)
            batch = [self._waiting.popleft() for _ in range(count)]
            self._bytes -= sum(call.size for call in batch)
        return batch

    def _put_back(self, batch: Sequence[Call]) -> None:
        with self._lock:
            self._waiting.extendleft(reversed(batch))
            self._bytes += sum(call.size for call in batch)

    def _tell_lost(self) -> None:
        with self._lock:
            lost, self._lost = self._lost, 0
        if lost:
            log.warning("calls_lost", calls=lost)


writer = Writer()
# Registered late, so it runs early: the database can still be reached.
atexit.register(writer.end)
