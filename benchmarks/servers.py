"""The servers that are measured, both started the way Promo starts its own."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import pgbench
from benchmarks.ports import free_port, wait_for
from promo.server.programs import web

FLOOR = "benchmarks.floor:application"
PROMO = "promo.wsgi:application"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the two servers listen."""

    floor: int
    promo: int


@contextmanager
def running(folder: Path) -> Iterator[Ports]:
    """Serve the floor and Promo, each with two processes of three threads."""
    to = {"FLOOR_DATABASE": pgbench.address()}
    with served(folder, [(FLOOR, to), (PROMO, {})]) as ports:
        yield Ports(*ports)


@contextmanager
def served(
    folder: Path, wanted: Sequence[tuple[str, Mapping[str, str]]]
) -> Iterator[list[int]]:
    """Serve applications, each with settings of its own; yield their ports."""
    ports = [free_port() for _ in wanted]
    programs = [
        _start(application, port, folder, settings)
        for (application, settings), port in zip(wanted, ports, strict=True)
    ]
    try:
        for port in ports:
            wait_for(port)
        yield ports
    finally:
        for program in programs:
            program.terminate()
        for program in programs:
            program.wait()


def _start(
    application: str, port: int, folder: Path, settings: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    data = folder / str(port)
    data.mkdir()
    *command, _ = web("127.0.0.1", port, data).command
    return subprocess.Popen([*command, application], env=os.environ | dict(settings))  # noqa: S603 - our own command
