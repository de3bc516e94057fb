"""Waking a relay after a commit, without letting anybody wait for the broker.

Each process wakes it at most once in ``PAUSE`` seconds, and once more for what was
committed meanwhile. A message that is lost costs time alone: beat sweeps what is left.
"""

import os
import threading
import time

import structlog
from celery import current_app

PAUSE = 0.1
TASK = "promo.outbox.tasks.relay_events"

log = structlog.get_logger()


class Waker:
    """Sends messages from a thread of its own, however often it is asked."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._process = 0

    def ask(self) -> None:
        """Have a relay woken soon."""
        self._asked.set()
        if self._process == os.getpid():
            return
        with self._lock:
            # A forked process has no thread of its own yet.
            if self._process != os.getpid():
                self._process = os.getpid()
                threading.Thread(target=self._run, name="waker", daemon=True).start()

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            try:
                current_app.send_task(TASK, retry=False, expires=60)
            except Exception as error:
                log.warning("relay_not_woken", error=type(error).__name__)
            time.sleep(PAUSE)


_waker = Waker()


def wake_relay() -> None:
    """Have a relay woken soon; events that it may see are committed."""
    _waker.ask()
