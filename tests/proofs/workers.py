"""Workers as installations start them, killed outright and started again."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from kombu import Connection

from promo import broker
from promo.celery import app
from tests.fixtures.serving import address_of_test_database

# The worker goes down whole as often as this, else one of its processes does.
_WHOLE = 0.2


class Worker:
    """A worker of two processes on the test's database, with a queue of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = self._start()

    def kill(self, chance: random.Random) -> None:
        """Kill a process that makes codes, or the whole worker, which begins anew."""
        makers = _children(self._program.pid)
        if makers and chance.random() > _WHOLE:
            _kill(chance.choice(makers))
            return
        self.stop()
        self._program = self._start()

    def stop(self) -> None:
        """End the worker with all its processes, in the middle of what they do."""
        os.killpg(self._program.pid, signal.SIGKILL)
        self._program.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        # Nothing stays behind where the tests themselves are killed.
        bound = [sys.executable, "-m", "promo.server.child", str(os.getpid())]
        celery = [sys.executable, "-m", "celery", "--app=promo", "--quiet", "worker"]
        return subprocess.Popen(
            [*bound, *celery, "--concurrency=2", "--loglevel=critical"],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "DATA_DIR": str(self._folder),
                "DATABASE_URL": address_of_test_database(),
                "CELERY_BROKER_URL": "",
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


@contextmanager
def working(folder: Path) -> Iterator[Worker]:
    """Run a worker; what this process asks for reaches it and nobody else."""
    options = broker.transport_options(folder / "broker")
    with (
        Connection(broker.ADDRESS, transport_options=options) as queue,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(app, "send_task", partial(app.send_task, connection=queue))
        worker = Worker(folder)
        try:
            yield worker
        finally:
            worker.stop()


def _children(pid: int) -> list[int]:
    command = ["ps", "-A", "-o", "pid=,ppid="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    pairs = [line.split() for line in listed.stdout.splitlines()]
    return [int(child) for child, parent in pairs if int(parent) == pid]


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        # Somebody was faster: it has ended by itself.
        return
