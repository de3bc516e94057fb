"""Sending one body to one target, at the address that was checked.

A name is looked up for every attempt; the connection goes to the very address that
passed, whatever the name says a moment later. Redirects are answers like any other.
"""

import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection

from webhooks.engine.targets import NotAllowed, Target, check_address, read_target
from webhooks.services.connections import carry, new_pool

#: Everything from looking up the name to the last byte read.
TIMEOUT = timedelta(seconds=10)
#: Of an answer so many bytes are read, and of those so many characters kept.
_READ, _KEPT = 65_536, 4_096
_CHUNK = 8_192
_POOLS = 256
_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt.

    ``duration`` is in milliseconds; ``status_code`` is None where nothing was answered,
    and ``error`` then says why.
    """

    started_at: datetime
    duration: int
    status_code: int | None = None
    error: str = ""
    response_body: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the receiver has taken it."""
        return self.status_code in _OK and not self.error


class Call:
    """One attempt under way, which somebody else may end."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.overdue = False
        self._connection: HTTPConnection | None = None

    @property
    def left(self) -> float:
        """How many seconds the attempt has left."""
        return TIMEOUT.total_seconds() - (time.monotonic() - self.started)

    def goes_over(self, connection: HTTPConnection) -> None:
        """Remember what to cut."""
        self._connection = connection

    def cut_if_overdue(self) -> None:
        """End an attempt that has used up its time: a receiver may drip on for ever."""
        if self.overdue or self.left > 0:
            return
        self.overdue = True
        held = getattr(self._connection, "sock", None)
        if held is not None:
            try:
                held.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


class Sender:
    """Sends from several threads, and keeps connections for the next time.

    ``connections`` are kept to each target at most.
    """

    def __init__(self, *, connections: int) -> None:
        self._connections = connections
        self._lock = threading.Lock()
        self._pools: OrderedDict[tuple[str, str, str, int], Any] = OrderedDict()

    def send(
        self,
        url: str,
        body: str,
        headers: Mapping[str, str],
        *,
        call: Call,
        now: datetime,
    ) -> Outcome:
        """Return what came of posting ``body`` to ``url``; nothing is raised."""
        carry(call)
        status, error, shown = None, "", ""
        try:
            target = read_target(url)
            status, shown = self._exchange(target, body, headers, call)
        except NotAllowed as refused:
            error = f"The target {refused}"
        except (urllib3.exceptions.HTTPError, OSError) as failed:
            error = _reason(failed)
        if call.overdue or call.left <= 0:
            status, shown = None, ""
            error = f"No whole answer within {int(TIMEOUT.total_seconds())} seconds"
        duration = int((time.monotonic() - call.started) * 1_000)
        return Outcome(now, duration, status, error[:200], shown)

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()

    def _exchange(
        self, target: Target, body: str, headers: Mapping[str, str], call: Call
    ) -> tuple[int, str]:
        pool = self._pool(target, checked_address(target))
        answer = pool.urlopen(
            "POST",
            target.path,
            body=body.encode(),
            headers={**headers, "host": target.authority},
            retries=False,
            redirect=False,
            timeout=urllib3.Timeout(total=max(call.left, 0.001)),
            preload_content=False,
            decode_content=False,
            assert_same_host=False,
        )
        read = b""
        try:
            for part in answer.stream(_CHUNK, decode_content=False):
                read += part
                if len(read) >= _READ or call.left <= 0:
                    # The rest is nobody's concern, and the connection not to be used.
                    answer.close()
                    break
        finally:
            answer.release_conn()
        text = (
            read[:_KEPT]
            .decode("utf-8", "replace")
            .replace("\x00", "\N{REPLACEMENT CHARACTER}")
        )
        return int(answer.status), text

    def _pool(self, target: Target, address: str) -> Any:
        key = (target.scheme, address, target.host, target.port)
        with self._lock:
            pool = self._pools.get(key)
            if pool is None:
                pool = self._pools[key] = new_pool(
                    target, address, connections=self._connections
                )
                while len(self._pools) > _POOLS:
                    self._pools.popitem(last=False)
            self._pools.move_to_end(key)
            return pool


def checked_address(target: Target) -> str:
    """Return the address to connect to: the first that the host stands for.

    Raises:
        NotAllowed: one of them is not out in the world.
        OSError: the name is not known.
    """
    allowed = settings.WEBHOOK_ALLOWED_NETWORKS
    literal = target.literal
    if literal is not None:
        check_address(literal, allowed)
        return str(literal)
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(address[0]).partition("%")[0] for *_, address in found]
    for each in addresses:
        check_address(ip_address(each), allowed)
    return addresses[0]


def _reason(failed: Exception) -> str:
    """Return why nothing was answered, in words for whoever runs the receiver."""
    inner: BaseException = failed
    while inner.__cause__ is not None:
        inner = inner.__cause__
    if isinstance(failed, urllib3.exceptions.SSLError):
        return f"The certificate was not accepted: {inner}"
    if isinstance(failed, urllib3.exceptions.NewConnectionError):
        return "The connection was refused or not answered"
    if isinstance(failed, urllib3.exceptions.TimeoutError):
        return f"No whole answer within {int(TIMEOUT.total_seconds())} seconds"
    if isinstance(failed, socket.gaierror):
        return "The host name is not known"
    return f"The connection broke: {type(inner).__name__}"
