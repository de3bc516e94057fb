import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from promo.server.programs import Program
from promo.server.supervisor import ProgramFailedToStart, Supervisor
from tests.fixtures.processes import kill

# Notes its pid, and at its second start tells the supervisor to stop.
_RUNS = """
import os, signal, sys
from pathlib import Path
starts = Path(sys.argv[1])
with starts.open("a") as file:
    print(os.getpid(), file=file)
if len(starts.read_text().splitlines()) == 2:
    os.kill(os.getppid(), signal.SIGTERM)
signal.pause()
"""


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def program(code: str, *arguments: object) -> Program:
    texts = [str(argument) for argument in arguments]
    return Program("sample", [sys.executable, "-c", code, *texts])


def pids(starts: Path) -> list[int]:
    return [int(line) for line in starts.read_text().splitlines()]


def test_a_program_that_dies_is_started_again_until_a_signal_stops_all(
    tmp_path: Path,
) -> None:
    starts, said = tmp_path / "starts", list[str]()
    supervisor = Supervisor(
        [program(_RUNS, starts)],
        is_ready=lambda: starts.exists() and bool(pids(starts)),
        on_ready=lambda: os.kill(pids(starts)[0], signal.SIGKILL),
        say=said.append,
    )

    supervisor.run()

    assert said == ["The sample ended; starting it again."]
    for pid in pids(starts):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_stopping_before_all_is_ready_stops_what_was_started(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    supervisor = Supervisor(
        [program(_RUNS, starts)],
        is_ready=lambda: starts.exists() and supervisor.stop() is not None,
        on_ready=lambda: pytest.fail("it was never ready"),
        say=lambda _: None,
    )

    supervisor.run()

    with pytest.raises(ProcessLookupError):
        os.kill(pids(starts)[0], 0)


def test_a_program_that_ends_while_starting_is_not_tried_again() -> None:
    supervisor = Supervisor(
        [program("raise SystemExit(3)")],
        is_ready=lambda: False,
        on_ready=lambda: pytest.fail("it was never ready"),
        say=lambda _: None,
    )

    with pytest.raises(ProgramFailedToStart, match="The sample ended while starting"):
        supervisor.run()


def test_a_program_that_is_killed_while_starting_is_started_again(
    tmp_path: Path,
) -> None:
    starts, said = tmp_path / "starts", list[str]()

    def is_ready() -> bool:
        if starts.exists() and len(pids(starts)) == 1:
            kill(pids(starts))
        return False

    supervisor = Supervisor(
        [program(_RUNS, starts)],
        is_ready=is_ready,
        on_ready=lambda: pytest.fail("it was never ready"),
        say=said.append,
    )

    supervisor.run()

    assert len(pids(starts)) == 2
    assert said == ["The sample ended; starting it again."]


def test_a_terminal_that_closes_stops_all(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    supervisor = Supervisor(
        [program(_RUNS, starts)],
        is_ready=lambda: starts.exists() and bool(pids(starts)),
        on_ready=lambda: os.kill(os.getpid(), signal.SIGHUP),
        say=lambda _: None,
    )

    supervisor.run()

    with pytest.raises(ProcessLookupError):
        os.kill(pids(starts)[0], 0)


def test_what_nohup_started_outlives_the_terminal(tmp_path: Path) -> None:
    starts, hearing = tmp_path / "starts", list[object]()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    supervisor = Supervisor(
        [program(_RUNS, starts)],
        is_ready=lambda: starts.exists() and supervisor.stop() is None,
        on_ready=lambda: hearing.append(signal.getsignal(signal.SIGHUP)),
        say=lambda _: None,
    )

    supervisor.run()

    assert hearing == [signal.SIG_IGN]
