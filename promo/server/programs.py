"""The programs that together serve Promo on one machine."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

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
        "worker-class": "gthread",
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


def worker() -> Program:
    """Return a Celery worker of two processes, with beat inside it."""
    # Root is whom a container runs as; messages are JSON, so nobody smuggles code in.
    quiet = ["-W", "ignore:You're running the worker with superuser privileges"]
    python = [sys.executable, *quiet, "-m", "celery", "--app=promo", "--quiet"]
    arguments = ["worker", "--beat", "--concurrency=2", "--loglevel=warning"]
    return Program("worker", [*python, *arguments])
