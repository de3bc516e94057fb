"""Connections to receivers, kept for the next time.

The standard library's are used as they are, for they take half the processor time of
those of larger ones. What they lack is here: certificates are checked against the name
that was asked for while the connection goes to an address, and half an answer is none.
"""

import http.client
import select
import ssl
import threading
from collections import OrderedDict, deque
from typing import Any, BinaryIO

from django.conf import settings

from webhooks.engine.targets import Target

_END_OF_HEAD = (b"\r\n", b"\n")
_TARGETS = 256
_Where = tuple[str, str, str, int]


class NotReached(OSError):
    """Nobody has taken the connection."""


class _Lines:
    """Reads lines of a file, and remembers the last one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.last = b""

    def readline(self, limit: int = -1) -> bytes:
        self.last = self._file.readline(limit)
        return self.last


class _WholeHead(http.client.HTTPResponse):
    """An answer whose head has come to its end, or none.

    The library takes a connection that breaks for the end of the head: a receiver that
    dies over its answer would seem to have taken what it was sent.
    """

    fp: Any

    def begin(self) -> None:
        whole, self.fp = self.fp, _Lines(self.fp)
        lines = self.fp
        try:
            super().begin()
        finally:
            self.fp = whole
        if lines.last not in _END_OF_HEAD:
            msg = "the answer ends in its head"
            raise ConnectionAbortedError(msg)


class Connection(http.client.HTTPConnection):
    """A connection to the checked address of a target; over TLS with ``context``."""

    response_class: Any = _WholeHead

    def __init__(
        self, target: Target, address: str, context: ssl.SSLContext | None
    ) -> None:
        super().__init__(address, target.port)
        self.where = _where(target, address)
        self._name, self._context = target.host, context

    def connect(self) -> None:
        """Connect, and check whose certificate answers.

        Raises:
            NotReached: nobody takes the connection.
            OSError: it takes too long, or the certificate is not accepted.
        """
        try:
            super().connect()
        except TimeoutError:
            raise
        except OSError as refused:
            raise NotReached from refused
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self._name)

    def has_seconds(self, seconds: float) -> None:
        """Let each step of what follows take so long at most."""
        self.timeout = seconds
        if self.sock is not None:
            self.sock.settimeout(seconds)

    def is_alive(self) -> bool:
        """Whether an unused connection can be used: nobody has hung up meanwhile."""
        if self.sock is None:
            return False
        look = select.poll()
        look.register(self.sock, select.POLLIN)
        return not look.poll(0)


class Connections:
    """Those that are open and not in use, ``most`` to each target."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._idle: OrderedDict[_Where, deque[Connection]] = OrderedDict()
        self._context: ssl.SSLContext | None = None

    def take(self, target: Target, address: str) -> Connection:
        """Return a connection to ``address``, a kept one or one yet to be made."""
        while (kept := self._kept(_where(target, address))) is not None:
            if kept.is_alive():
                return kept
            kept.close()
        safe = self._safe() if target.scheme == "https" else None
        return Connection(target, address, safe)

    def keep(self, connection: Connection) -> None:
        """Keep a connection whose answer has been read to its end."""
        dropped = list[Connection]()
        with self._lock:
            idle = self._idle.setdefault(connection.where, deque())
            self._idle.move_to_end(connection.where)
            idle.append(connection)
            if len(idle) > self._most:
                dropped.append(idle.popleft())
            while len(self._idle) > _TARGETS:
                dropped.extend(self._idle.popitem(last=False)[1])
        for each in dropped:
            each.close()

    def close(self) -> None:
        """Close those that are kept."""
        with self._lock:
            idle = [each for kept in self._idle.values() for each in kept]
            self._idle.clear()
        for each in idle:
            each.close()

    def _kept(self, where: _Where) -> Connection | None:
        with self._lock:
            idle = self._idle.get(where)
            # The one used last is the least likely to have been hung up on.
            return idle.pop() if idle else None

    def _safe(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                trusted = settings.WEBHOOK_CA_FILE or None
                self._context = ssl.create_default_context(cafile=trusted)
            return self._context


def _where(target: Target, address: str) -> _Where:
    return target.scheme, address, target.host, target.port
