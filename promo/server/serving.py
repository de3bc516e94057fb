"""Serve Promo from this machine: the web, the workers and beat."""

import fcntl
import http.client
import ipaddress
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from promo.server import programs
from promo.server.supervisor import Supervisor

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104


class CannotServe(Exception):
    """Something else is in the way; the message says what."""


class AlreadyServing(CannotServe):
    """Another process serves from the same data folder."""


class AddressTaken(CannotServe):
    """The host and port cannot be listened on."""


def serve(
    *,
    host: str,
    port: int,
    data_folder: Path,
    broker_url: str,
    bus_programs: Sequence[programs.Program] = (),
    prepare: Callable[[], str],
    say: Callable[[str], None],
) -> None:
    """Serve on ``host`` and ``port`` until SIGTERM or SIGINT.

    ``bus_programs`` work at an event bus, where there is one.

    ``prepare`` runs first, once nothing is in the way. ``say`` is told what a person
    at the terminal should know, with what ``prepare`` returned below the address.

    Raises:
        AlreadyServing: ``data_folder`` is being served from, and two beats would do
            everything twice.
        AddressTaken: another program listens there, or the host is not ours.
        ProgramFailedToStart: the web, a worker or beat could not start.
    """
    with _alone(data_folder):
        _try_address(host, port)
        _count_anew(data_folder / "metrics")
        below = prepare()
        Supervisor(
            [
                programs.web(host, port, data_folder),
                *programs.workers(broker_url),
                programs.beat(),
                *bus_programs,
            ],
            is_ready=lambda: answers(host, port),
            on_ready=lambda: say(f"Promo is ready on {address(host, port)}{below}"),
            say=say,
        ).run()


def address(host: str, port: int) -> str:
    """Return the address a browser on this machine can open."""
    return f"http://{_bracketed(_reachable(host))}:{port}"


def answers(host: str, port: int) -> bool:
    """Whether the web on ``host`` and ``port`` says that it is well."""
    connection = http.client.HTTPConnection(_reachable(host), port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _try_address(host: str, port: int) -> None:
    """Raise ``AddressTaken`` if gunicorn could not listen on ``host`` and ``port``.

    gunicorn tries for seconds, while the holder's answers pass for ours.
    """
    try:
        family, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as failure:
        msg = f"Cannot listen on {host}:{port}: {failure.strerror}."
        raise AddressTaken(msg) from failure


def _count_anew(folder: Path) -> None:
    """Have the programs keep their counts in ``folder``, unless one is set already.

    What processes of before left there would be counted along for ever.
    """
    folder = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(folder)))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob("*.db"):
        left.unlink()


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in _EVERYWHERE else host


def _bracketed(host: str) -> str:
    try:
        return f"[{host}]" if ipaddress.ip_address(host).version == 6 else host  # noqa: PLR2004
    except ValueError:
        return host


@contextmanager
def _alone(data_folder: Path) -> Iterator[None]:
    data_folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(data_folder / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        msg = f"Promo is already served from {data_folder}."
        raise AlreadyServing(msg) from None
    finally:
        os.close(lock)
