"""Connections that come at once go to all processes, not to one."""

import http.client
import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from promo.server.programs import web
from tests.fixtures.processes import wait_until
from tests.fixtures.serving import free_port


def _listens(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        try:
            connection.connect()
        except OSError:
            return False
    return True


@pytest.fixture
def meeting(tmp_path: Path) -> Iterator[int]:
    """Serve the meeting with two processes of one thread; yield its port."""
    os.mkfifo(tmp_path / "door")
    port = free_port()
    *command, _ = web("127.0.0.1", port, tmp_path).command
    server = subprocess.Popen(
        [*command, "--threads=1", "tests.promo.server.meeting:application"],
        env=os.environ | {"MEETING_PLACE": str(tmp_path)},
    )
    wait_until(lambda: _listens(port), "the meeting is served")
    yield port
    server.terminate()
    server.wait()


def test_a_process_whose_threads_are_busy_leaves_connections_to_the_other(
    meeting: int,
) -> None:
    met = [_answers_at_once(meeting, 2) for _ in range(12)]

    # Where it is left to chance who takes a connection, one waits for itself.
    assert [len(answers) for answers in met] == [2] * 12


def _answers_at_once(port: int, times: int) -> set[bytes]:
    connections = [
        http.client.HTTPConnection("127.0.0.1", port, timeout=20) for _ in range(times)
    ]
    for connection in connections:
        connection.request("GET", "/")
    answers = {connection.getresponse().read() for connection in connections}
    for connection in connections:
        connection.close()
    return answers
