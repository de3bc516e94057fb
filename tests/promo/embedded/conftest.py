"""Servers of their own for these tests, each shared by real processes."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from promo.embedded import binaries
from promo.embedded.address import socket_folder

_USER = """
import sys
from pathlib import Path
from promo.embedded.server import ensure_running
ensure_running(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read()
"""

Start = Callable[[Path], "subprocess.Popen[str]"]


@pytest.fixture
def start_user() -> Iterator[Start]:
    """Start a process that uses the server of a data folder until its input closes."""
    with ExitStack() as processes:

        def start(data_folder: Path) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", _USER, str(data_folder)]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            return processes.enter_context(
                subprocess.Popen(command, text=True, **pipes)
            )

        yield start


@pytest.fixture
def data_folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder whose server does not outlive the test."""
    folder = tmp_path / "data" / "postgres"
    yield folder
    stop(folder)


def stop(folder: Path) -> None:
    binaries.call("pg_ctl", "-D", str(folder), "-m", "immediate", "stop")


def wait_until_ready(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def leave(process: "subprocess.Popen[str]") -> None:
    """Close the user's input and wait until it has ended by itself."""
    process.communicate()
    assert process.returncode == 0


def answers(data_folder: Path) -> bool:
    code, _ = binaries.call(
        "pg_isready", "-q", "-h", str(socket_folder(data_folder)), "-p", "5432"
    )
    return code == 0


def connect(data_folder: Path) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(
        host=str(socket_folder(data_folder)), user="promo", dbname="postgres"
    )


def server_pid(data_folder: Path) -> int:
    return int((data_folder / "postmaster.pid").read_text().split("\n")[0])
