"""The programs that together serve Promo on one machine."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from promo import broker

# A socket's path may have 107 bytes.
_LONGEST_SOCKET_PATH = 104


@dataclass(frozen=True)
class Program:
    """A program to keep running: what messages call it, and its command line."""

    name: str
    command: list[str]


def web(host: str, port: int, data_folder: Path) -> Program:
    """Return gunicorn on ``host`` and ``port``, with its control in ``data_folder``.

    Few threads a process: more lengthen the slowest answers.
    """
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    options = {
        "bind": address,
        "workers": "2",
        "threads": "3",
        "worker-class": "promo.server.worker.PatientWorker",
        "graceful-timeout": "20",
        "limit-request-line": "8190",
        "log-level": "warning",
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    arguments.append(_control(data_folder / "gunicorn.ctl"))
    python = [sys.executable, "-m", "gunicorn"]
    return Program("web", [*python, *arguments, "promo.wsgi:application"])


def _control(socket: Path) -> str:
    """Return the option for a control socket of this installation's own.

    Left alone, gunicorn puts it into the home folder, one for all installations.
    """
    if len(os.fsencode(socket)) > _LONGEST_SOCKET_PATH:
        return "--no-control-socket"
    return f"--control-socket={socket}"


def workers(broker_url: str) -> list[Program]:
    """Return what works behind the web with this broker, two processes in all."""
    return _lone_workers() if broker_url == broker.ADDRESS else [_pool_of_two()]


def beat() -> Program:
    """Return Celery's beat, by itself: inside a worker nobody would start it again."""
    return _celery("beat", "beat")


def bus(servers: str, ingest_project: str = "") -> list[Program]:
    """Return what works at the event bus at ``servers``, nothing without one.

    Records are read for ``ingest_project``, an id, where there is one.
    """
    if not servers:
        return []
    relay = _manage("bus relay", "run_bus_relay")
    if not ingest_project:
        return [relay]
    return [relay, _manage("bus consumer", "run_bus_consumer")]


def _manage(name: str, command: str) -> Program:
    django = [sys.executable, "-m", "django", command, "--settings=promo.settings"]
    return Program(name, django)


def _lone_workers() -> list[Program]:
    """Return two Celery workers that share nothing but the queue (ADR 0021).

    They have names of their own, or messages for all workers would reach one.
    """
    return [
        _celery(name, "worker", "--pool=solo", f"--hostname={node}@%h")
        for name, node in (("first worker", "first"), ("second worker", "second"))
    ]


def _pool_of_two() -> Program:
    """Return a Celery worker of two processes, which it replaces by itself."""
    return _celery("worker", "worker", "--concurrency=2")


def _celery(name: str, *arguments: str) -> Program:
    # Root is whom a container runs as; messages are JSON, so nobody smuggles code in.
    quiet = ["-W", "ignore:You're running the worker with superuser privileges"]
    python = [sys.executable, *quiet, "-m", "celery", "--app=promo", "--quiet"]
    return Program(name, [*python, *arguments, "--loglevel=warning"])
