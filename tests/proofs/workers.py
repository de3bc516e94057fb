"""An installation as `manage.py serve` runs it, killed outright part by part."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from kombu import Connection

from promo import broker
from promo.celery import app
from tests.fixtures.processes import (
    Process,
    children_of,
    descendants_of,
    kill,
    wait_until,
    wait_until_gone,
)
from tests.fixtures.serving import address_of_test_database, free_port

_WORKERS = """
from promo.broker import ADDRESS
from promo.server import programs
from promo.server.supervisor import Supervisor
Supervisor(
    [*programs.workers(ADDRESS), programs.beat()],
    is_ready=lambda: True,
    on_ready=lambda: None,
    say=print,
).run()
"""
WORKER, BEAT, WEB = "--quiet worker", "--quiet beat", "gunicorn"


class Installation:
    """Web, workers and beat on the test's database, with a queue of their own."""

    def __init__(self, folder: Path, *, command: Sequence[str]) -> None:
        self._folder, self._command = folder, command
        self._told = folder / "told"
        self._served = self._serve()

    def running(self, part: str) -> list[Process]:
        """Return the processes of a part: WORKER, BEAT or the WEB."""
        children = children_of(self._served.pid)
        return [child for child in children if part in child.command]

    def check(self) -> None:
        """Fail where the supervisor has ended by itself."""
        if self._served.poll() is not None:
            pytest.fail(f"Nothing is served any more: {self.last_words()}")

    def kill_whole(self) -> None:
        """Kill every process in the same moment, and serve anew."""
        everyone = descendants_of(self._served.pid)
        kill([self._served.pid, *(process.pid for process in everyone)])
        self._serve_anew(everyone)

    def kill_supervisor(self) -> None:
        """Kill who watches the others; serve anew once they have ended with it."""
        everyone = descendants_of(self._served.pid)
        kill([self._served.pid])
        self._serve_anew(everyone)

    def stop(self) -> None:
        """End it in the middle of what it does."""
        everyone = descendants_of(self._served.pid)
        kill([self._served.pid, *(process.pid for process in everyone)])
        self._served.wait()
        wait_until_gone(everyone)

    def last_words(self) -> str:
        """Return the end of what it has printed, and what runs of it."""
        running = [process.command for process in descendants_of(self._served.pid)]
        return "\n".join([*running, self._told.read_text()[-2_000:]])

    def _serve_anew(self, before: list[Process]) -> None:
        self._served.wait()
        wait_until_gone(before)
        self._served = self._serve()
        wait_until(
            lambda: bool(self.running(WORKER)),
            "a worker is started",
            found=self.last_words,
        )

    def _serve(self) -> "subprocess.Popen[bytes]":
        # Nothing stays behind where the tests themselves are killed.
        bound = [sys.executable, "-m", "promo.server.child", str(os.getpid())]
        self._folder.mkdir(exist_ok=True)
        with self._told.open("ab") as told:
            return subprocess.Popen(
                [*bound, sys.executable, *self._command],
                cwd=settings.BASE_DIR,
                env={
                    **os.environ,
                    "DATA_DIR": str(self._folder),
                    "DATABASE_URL": address_of_test_database(),
                    "CELERY_BROKER_URL": "",
                },
                stdout=told,
                stderr=told,
            )


@contextmanager
def installed(folder: Path, *, web: bool = True) -> Iterator[Installation]:
    """Serve; what this process asks for reaches these workers and nobody else.

    Without a ``web`` there are workers and beat alone, watched by the same supervisor.
    """
    workers = ["-c", _WORKERS]
    serve = ["manage.py", "serve", f"--port={free_port()}"]
    options = broker.transport_options(folder / "broker")
    with (
        Connection(broker.ADDRESS, transport_options=options) as queue,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(app, "send_task", partial(app.send_task, connection=queue))
        installation = Installation(folder, command=serve if web else workers)
        try:
            yield installation
        finally:
            installation.stop()
