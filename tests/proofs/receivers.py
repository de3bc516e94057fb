"""Receivers that run as processes of their own, and what has arrived at them."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.fixtures.serving import free_port
from tests.proofs import receiving

_OK = 200
#: One that takes everything, and those that are bad in one way each.
BAD = ("/steady", *receiving.WORST)
#: One that dies and comes back.
MORTAL = "/mortal"


@dataclass(frozen=True)
class Arrival:
    """One request as it arrived; ``status`` 0 stands for no whole answer."""

    path: str
    status: int
    signature: str
    body: str

    @cached_property
    def told(self) -> dict[str, Any]:
        """The envelope."""
        read: dict[str, Any] = json.loads(self.body)
        return read


class Receivers:
    """A receiver with every bad path, and a mortal one."""

    def __init__(self, folder: Path) -> None:
        self._log, self._mended = folder / "arrived", folder / "mended"
        self._log.touch()
        self._ports = [free_port() for _ in range(2)]
        self._processes = [self._start(port) for port in self._ports]

    def urls(self) -> list[str]:
        """Return where webhooks are to lead, one for each behaviour."""
        bad, mortal = (f"http://127.0.0.1:{port}" for port in self._ports)
        return [*(bad + path for path in BAD), mortal + MORTAL]

    def kill_the_mortal(self) -> None:
        """Kill it outright, in the middle of what it answers."""
        self._processes[-1].kill()
        self._processes[-1].wait()

    def revive_the_mortal(self) -> None:
        """Let it listen again where it did."""
        self._processes[-1] = self._start(self._ports[-1])

    def mend(self) -> None:
        """Let all of them take everything from now on."""
        self._mended.touch()

    def arrived(self) -> list[Arrival]:
        """Return what has arrived, in order of arrival."""
        whole = self._log.read_text().rpartition("\n")[0]
        return [Arrival(**json.loads(line)) for line in whole.splitlines()]

    def stop(self) -> None:
        """End both."""
        for process in self._processes:
            process.kill()
            process.wait()

    def _start(self, port: int) -> "subprocess.Popen[bytes]":
        command = [sys.executable, receiving.__file__, str(port)]
        return subprocess.Popen([*command, str(self._log), str(self._mended)])


@contextmanager
def received(folder: Path) -> Iterator[Receivers]:
    """Run receivers that keep what arrives in ``folder``."""
    receivers = Receivers(folder)
    try:
        yield receivers
    finally:
        receivers.stop()


@dataclass(frozen=True)
class Kept:
    """What arrived at one path, and what is left once ids taken already are dropped.

    ``events`` are those that were taken, in the order in which they first were;
    ``overtaken`` those that arrived before the one before them had been taken.
    """

    statuses: list[int]
    events: list[str]
    overtaken: list[str]
    ids: dict[str, set[str]]
    bodies: dict[str, set[str]]

    @property
    def taken(self) -> int:
        """How often something was taken, over and over as well."""
        return self.statuses.count(_OK)


def kept_of(arrivals: Iterable[Arrival], before: Mapping[str, str]) -> Kept:
    """Return what arrivals at one path come to.

    ``before`` gives the event of the same key before an event, if there is one.
    """
    taken, overtaken = dict[str, None](), list[str]()
    statuses = list[int]()
    ids: dict[str, set[str]] = defaultdict(set)
    bodies: dict[str, set[str]] = defaultdict(set)
    for each in arrivals:
        event = event_of(each)
        earlier = before.get(event)
        if earlier is not None and earlier not in taken:
            overtaken.append(event)
        statuses.append(each.status)
        if each.status == _OK:
            taken[event] = None
        ids[event].add(each.told["id"])
        bodies[event].add(each.body)
    return Kept(statuses, list(taken), overtaken, ids, bodies)


def event_of(arrival: Arrival) -> str:
    """Return the id that our log has for the event that an arrival tells of."""
    return "ev_" + str(arrival.told["event"]["id"]).partition("_")[2]
