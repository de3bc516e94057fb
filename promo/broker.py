"""Celery's broker when none is configured: a folder, one file a message.

kombu's filesystem transport writes a message under its final name, and a reader may
take it half-written. Here it appears whole or not at all: it is written under a name
no reader looks for, then renamed. So are the lists of which queue listens where.

A worker holds one message at a time. Killing it outright loses that one; every task can
be derived again from a table, and beat sweeps what is left.
"""

import fcntl
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

SCHEME = "promo-files"
ADDRESS = f"{SCHEME}://localhost"
_UNFINISHED = ".part"
_TAKEN = ".taken"


class WholeFileChannel(filesystem.Channel):
    """kombu's channel, with every file moved into and out of sight by one rename."""

    @cached_property
    def _listed(self) -> defaultdict[str, deque[Path]]:
        """Messages seen but not yet tried, so that a backlog is listed only once."""
        return defaultdict(deque)

    def _put(self, queue: str, payload: dict[str, Any], **_: Any) -> None:
        name = f"{time.time_ns():020d}_{uuid.uuid4()}.{queue}.msg"
        _write_whole(Path(self.data_folder_out, name), payload)

    def _get(self, queue: str) -> Any:
        """Take the oldest message of ``queue``; who renames the file has it.

        Raises:
            Empty: there is none.
        """
        listed = self._listed[queue] or self._list(queue)
        while listed:
            path = listed.popleft()
            taken = path.with_name(path.name + _TAKEN)
            try:
                path.rename(taken)
            except FileNotFoundError:
                continue
            payload = taken.read_bytes()
            taken.unlink()
            return loads(payload)
        raise Empty

    def _list(self, queue: str) -> deque[Path]:
        messages = Path(self.data_folder_in).glob(f"*.{queue}.msg")
        wanted = (p for p in messages if p.name.partition(".")[2] == f"{queue}.msg")
        self._listed[queue] = deque(sorted(wanted))
        return self._listed[queue]

    def _queue_bind(
        self, exchange: str, routing_key: str, pattern: str, queue: str
    ) -> None:
        row = [routing_key or "", pattern or "", queue or ""]
        with self._rows(exchange) as rows:
            if row not in rows:
                rows.insert(0, row)

    def _delete(
        self,
        queue: str,
        exchange: str,
        routing_key: str,
        pattern: str,
        *_: Any,
        **__: Any,
    ) -> None:
        self._purge(queue)
        row = [routing_key or "", pattern or "", queue or ""]
        with self._rows(exchange) as rows:
            if row in rows:
                rows.remove(row)

    @contextmanager
    def _rows(self, exchange: str) -> Iterator[list[list[str]]]:
        """Give the rows of ``exchange``, to change in place; one writer at a time."""
        table: Path = self._exchange_file(exchange)
        with table.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            before = loads(table.read_bytes()) if table.exists() else []
            rows = [list(row) for row in before]
            yield rows
            if rows != before:
                _write_whole(table, rows)


class WholeFileTransport(filesystem.Transport):
    """kombu's filesystem transport over ``WholeFileChannel``."""

    Channel = WholeFileChannel


def register() -> None:
    """Make ``promo-files://`` a broker address that kombu understands."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:{WholeFileTransport.__name__}"


def transport_options(folder: Path) -> dict[str, Any]:
    """Return kombu's options for a broker in ``folder``, which is made if missing."""
    messages, control = folder / "messages", folder / "control"
    for place in (messages, control):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "polling_interval": 0.2,
    }


def _write_whole(path: Path, content: Any) -> None:
    part = path.with_name(f"{path.name}.{uuid.uuid4()}{_UNFINISHED}")
    part.write_bytes(dumps(content).encode())
    part.rename(path)
