"""Start programs, start them again when they die, and stop them together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

from promo.server.programs import Program

_LOOK_EVERY_SECONDS = 0.2
_STOP_SECONDS = 25.0
_STEADY_SECONDS = 10.0
_LONGEST_PAUSE_SECONDS = 30.0


class ProgramFailedToStart(Exception):
    """A program ended by itself before everything was ready."""


class Supervisor:
    """Keeps ``programs`` running until ``stop`` or a signal.

    ``is_ready`` is asked until it first says yes; then ``on_ready`` runs once.
    ``say`` is told what a person at the terminal should know.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        is_ready: Callable[[], bool],
        on_ready: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self._watched = [_Watched(program) for program in programs]
        self._is_ready = is_ready
        self._on_ready = on_ready
        self._say = say
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Have ``run`` stop the programs and return."""
        self._stopping.set()

    def run(self) -> None:
        """Run the programs until told to stop.

        Raises:
            ProgramFailedToStart: one ended by itself before all was ready, so trying
                again would hide why.
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # Ignored is how nohup asks us to outlive the terminal.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._on_signal)
        try:
            for watched in self._watched:
                watched.start()
            self._wait_until_ready()
            self._keep_running()
        finally:
            self._stop_all()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()

    def _wait_until_ready(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY_SECONDS):
            for watched in self._watched:
                if watched.has_ended() and not watched.was_killed():
                    msg = f"The {watched.program.name} ended while starting."
                    raise ProgramFailedToStart(msg)
            self._start_what_is_due()
            if self._is_ready():
                self._on_ready()
                return

    def _keep_running(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY_SECONDS):
            self._start_what_is_due()

    def _start_what_is_due(self) -> None:
        for watched in self._watched:
            if watched.is_due():
                self._say(f"The {watched.program.name} ended; starting it again.")
                watched.start()

    def _stop_all(self) -> None:
        for watched in self._watched:
            watched.ask_to_stop()
        deadline = time.monotonic() + _STOP_SECONDS
        for watched in self._watched:
            watched.wait_until(deadline)


class _Watched:
    """One program and, while it runs, its process."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._early_ends = 0
        self._due: float | None = None

    def start(self) -> None:
        self._end_what_is_left()
        binder = [sys.executable, "-m", "promo.server.child", str(os.getpid())]
        # A session of its own: Ctrl-C reaches the supervisor, which stops all in order.
        self._process = subprocess.Popen(
            [*binder, *self.program.command], start_new_session=True
        )
        self._started = time.monotonic()
        self._due = None

    def has_ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def was_killed(self) -> bool:
        return self._process is not None and self._process.poll() == -signal.SIGKILL

    def is_due(self) -> bool:
        """Whether it has ended and the pause before its next start is over.

        The pause doubles with each end that soon follows a start.
        """
        if not self.has_ended():
            return False
        if self._due is None:
            lived = time.monotonic() - self._started
            self._early_ends = self._early_ends + 1 if lived < _STEADY_SECONDS else 0
            pause = 2.0**self._early_ends - 1
            self._due = time.monotonic() + min(pause, _LONGEST_PAUSE_SECONDS)
        return time.monotonic() >= self._due

    def ask_to_stop(self) -> None:
        if self._process is not None and not self.has_ended():
            self._process.terminate()

    def wait_until(self, deadline: float) -> None:
        """Wait for the end until ``deadline`` (monotonic seconds), then force it."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._end_what_is_left()

    def _end_what_is_left(self) -> None:
        """Kill what a dead program started and left: a second beat, for one."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
