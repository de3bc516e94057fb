"""A PostgreSQL of a proof's own, which may be killed outright and started again."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from promo.embedded.address import socket_folder
from promo.embedded.server import DATABASE, SUPERUSER, ensure_running, release
from tests.fixtures.processes import Process, descendants_of, kill, wait_until_gone
from tests.fixtures.serving import address_of_test_database


class OwnDatabase:
    """The server that the proof and its installation use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def kill(self) -> None:
        """Kill every process of the server in the same moment, and start it anew."""
        pid = int((self._folder / "postmaster.pid").read_text().split("\n")[0])
        everyone = [Process(pid, 0, "postgres"), *descendants_of(pid)]
        kill(process.pid for process in everyone)
        wait_until_gone(everyone)
        release(self._folder)
        ensure_running(self._folder)


@contextmanager
def own_database() -> Iterator[OwnDatabase]:
    """Serve an empty database, and use it instead of the test's.

    Its folder is none of pytest's: another run would close their parents to the server.
    """
    with TemporaryDirectory(prefix="promo-proof-") as parent:
        folder = Path(parent, "postgres")
        ensure_running(folder)
        try:
            with _used(str(socket_folder(folder))):
                _make_tables()
                yield OwnDatabase(folder)
        finally:
            release(folder)


def _make_tables() -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": address_of_test_database()},
        check=True,
    )


@contextmanager
def _used(host: str) -> Iterator[None]:
    """Let every connection of this process lead to the server at ``host``."""
    where: dict[str, Any] = {
        "HOST": host,
        "PORT": "5432",
        "NAME": DATABASE,
        "USER": SUPERUSER,
    }
    with pytest.MonkeyPatch.context() as patch:
        _forget_connections()
        for name, value in where.items():
            patch.setitem(connection.settings_dict, name, value)
        yield
        _forget_connections()


def _forget_connections() -> None:
    connection.close()
    connection.close_pool()


def kill_connections() -> None:
    """End every connection of the installation, whatever it is in the middle of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
