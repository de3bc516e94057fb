"""Connections to receivers: they can be cut from outside, and take no half answer."""

import http.client
import threading
from typing import Any, BinaryIO, Protocol

import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection

from webhooks.engine.targets import Target

_END_OF_HEAD = (b"\r\n", b"\n")
_running = threading.local()


class Carried(Protocol):
    """What is told over which connection it goes."""

    def goes_over(self, connection: HTTPConnection) -> None:
        """Remember what to cut."""


def carry(call: Carried) -> None:
    """Let what this thread sends next be part of ``call``."""
    _running.call = call


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


class _Watched:
    """Tells the running call which connection it goes over."""

    response_class: Any = _WholeHead

    def request(self, *args: Any, **options: Any) -> None:
        _running.call.goes_over(self)
        super().request(*args, **options)  # type: ignore[misc]  # a connection's


class _PlainConnection(_Watched, HTTPConnection):
    pass


class _SafeConnection(_Watched, HTTPSConnection):
    pass


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SafePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SafeConnection


def new_pool(target: Target, address: str, *, connections: int) -> Any:
    """Return where connections to a target at ``address`` are taken from and kept."""
    shared: dict[str, Any] = {"maxsize": connections, "block": False}
    if target.scheme == "http":
        return _PlainPool(address, target.port, **shared)
    return _SafePool(
        address,
        target.port,
        assert_hostname=target.host,
        server_hostname=target.host,
        cert_reqs="CERT_REQUIRED",
        ca_certs=settings.WEBHOOK_CA_FILE or None,
        **shared,
    )
