"""Run the wheel's PostgreSQL for whoever asks; the last one out stops it.

Every process that uses the server holds a shared ``flock`` on ``postgres.users``,
which the kernel frees however the process ends. Starting and stopping happen under
an exclusive one on ``postgres.lock``. Who leaves and then gets ``postgres.users`` to
itself was the last.
"""

import atexit
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from promo.embedded import binaries, stale_locks
from promo.embedded.address import socket_folder
from promo.embedded.binaries import EmbeddedServerError

SUPERUSER = DATABASE = "promo"
DEFAULT_PORT = 5432
_START_SECONDS = 120
_READY, _BUSY = 0, 1


@dataclass(frozen=True)
class _Handle:
    data_folder: Path
    users_file: int
    process: int


_handles: list[_Handle] = []


def ensure_running(data_folder: Path, *, tcp_port: int | None = None) -> None:
    """Have a server answer for ``data_folder`` until this process ends.

    It has a database ``DATABASE`` of ``SUPERUSER``, who needs no password. It
    listens on a socket in ``socket_folder(data_folder)``, and on 127.0.0.1 as well
    where ``tcp_port`` is given and it was not running yet. Calling this again is
    harmless.

    Raises:
        EmbeddedServerError: the server could not be made or started.
    """
    if any(handle.data_folder == data_folder for handle in _handles):
        return
    data_folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    users_file = os.open(_beside(data_folder, "users"), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(users_file, fcntl.LOCK_SH)
    try:
        with _starting_or_stopping(data_folder):
            _start(data_folder, tcp_port)
    except BaseException:
        os.close(users_file)
        raise
    _handles.append(_Handle(data_folder, users_file, os.getpid()))
    atexit.register(release, data_folder)


def release(data_folder: Path) -> None:
    """Give up this process's hold; stop the server if nobody else has one."""
    for handle in [*_handles]:
        # A forked child shares its parent's hold and must not give it up.
        if handle.data_folder == data_folder and handle.process == os.getpid():
            _handles.remove(handle)
            _leave(handle)


def _leave(handle: _Handle) -> None:
    try:
        with _starting_or_stopping(handle.data_folder):
            fcntl.flock(handle.users_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            stop = ("-D", str(handle.data_folder), "-w", "-m", "fast", "stop")
            binaries.call("pg_ctl", *stop)
    except BlockingIOError:
        pass  # Somebody else still works.
    finally:
        os.close(handle.users_file)


def _beside(data_folder: Path, suffix: str) -> Path:
    return data_folder.with_name(f"{data_folder.name}.{suffix}")


@contextmanager
def _starting_or_stopping(data_folder: Path) -> Iterator[None]:
    lock = os.open(_beside(data_folder, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _start(data_folder: Path, tcp_port: int | None) -> None:
    sockets = socket_folder(data_folder)
    port = tcp_port or DEFAULT_PORT
    binaries.open_way_to(data_folder, sockets)
    if _state(sockets, port) == _READY:
        return
    _refuse_other_port(data_folder, sockets, port)
    _make_cluster(data_folder)
    binaries.make_private_folder(sockets)
    stale_locks.disown(data_folder, sockets / f".s.PGSQL.{port}.lock")
    _launch(data_folder, sockets, port, listen="127.0.0.1" if tcp_port else "")
    _make_database(sockets, port)


def _launch(data_folder: Path, sockets: Path, port: int, *, listen: str) -> None:
    settings = {
        "listen_addresses": f"'{listen}'",
        "port": str(port),
        "unix_socket_directories": str(sockets),
        "max_connections": "200",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    log = data_folder / "server.log"
    code, text = binaries.call(
        *("pg_ctl", "-D", str(data_folder), "-l", str(log), "-o", options),
        *("-w", "-t", str(_START_SECONDS), "start"),
    )
    if code:
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        msg = "\n".join([f"PostgreSQL did not start: {text}", *lines[-20:]])
        raise EmbeddedServerError(msg)


def _make_cluster(data_folder: Path) -> None:
    """Make the data folder whole or not at all: a killed ``initdb`` leaves no half."""
    if (data_folder / "PG_VERSION").exists():
        return
    fresh = _beside(data_folder, "fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    binaries.make_private_folder(fresh)
    binaries.run(
        *("initdb", "-D", str(fresh), "-U", SUPERUSER, "-A", "trust"),
        *("-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"),
    )
    fresh.rename(data_folder)


def _make_database(sockets: Path, port: int) -> None:
    connection = psycopg.connect(
        host=str(sockets), port=port, user=SUPERUSER, dbname="postgres", autocommit=True
    )
    with connection, suppress(psycopg.errors.DuplicateDatabase):
        connection.execute(f"CREATE DATABASE {DATABASE}")


def _state(sockets: Path, port: int) -> int:
    """Return pg_isready's answer, once the server no longer starts or stops."""
    where = ("-h", str(sockets), "-p", str(port), "-U", SUPERUSER, "-d", "postgres")
    for _ in range(_START_SECONDS * 10):
        code, _ = binaries.call("pg_isready", "-q", *where, "-t", "3")
        if code != _BUSY:
            return code
        time.sleep(0.1)
    msg = "PostgreSQL neither finished starting nor stopping."
    raise EmbeddedServerError(msg)


def _refuse_other_port(data_folder: Path, sockets: Path, port: int) -> None:
    try:
        running_on = int((data_folder / "postmaster.pid").read_text().split("\n")[3])
    except (FileNotFoundError, IndexError, ValueError):
        return
    if running_on != port and _state(sockets, running_on) == _READY:
        msg = f"PostgreSQL already runs on port {running_on}, not on {port}: stop it."
        raise EmbeddedServerError(msg)
