"""Sending one body to one target, at the address that was checked.

A name is looked up for every attempt; the connection goes to the very address that
passed, whatever the name says a moment later. Redirects are answers like any other.
"""

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from http.client import HTTPException
from ipaddress import ip_address

from django.conf import settings

from webhooks.engine.targets import NotAllowed, Target, check_address, read_target
from webhooks.services.connections import Connections, NotReached

#: Everything from looking up the name to the last byte read.
TIMEOUT = timedelta(seconds=10)
#: Of an answer so many bytes are read, and of those so many characters kept.
_READ, _KEPT = 65_536, 4_096
_LEAST = 0.001
_TOO_LATE = "No whole answer within {} seconds"
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
        self._socket: socket.socket | None = None

    @property
    def left(self) -> float:
        """How many seconds the attempt has left."""
        return TIMEOUT.total_seconds() - (time.monotonic() - self.started)

    def goes_over(self, connected: socket.socket | None) -> None:
        """Remember what to cut, None for nothing any more."""
        self._socket = connected

    def cut_if_overdue(self) -> None:
        """End an attempt that has used up its time: a receiver may drip on for ever."""
        if self.overdue or self.left > 0:
            return
        self.overdue = True
        held = self._socket
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
        self._connections = Connections(most=connections)

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
        status, error, shown = None, "", ""
        try:
            target = _target_of(url)
            status, shown = self._exchange(target, body, headers, call)
        except NotAllowed as refused:
            error = f"The target {refused}"
        except (HTTPException, OSError) as failed:
            error = _reason(failed)
        if call.overdue or call.left <= 0:
            status, shown = None, ""
            error = _TOO_LATE.format(int(TIMEOUT.total_seconds()))
        duration = int((time.monotonic() - call.started) * 1_000)
        return Outcome(now, duration, status, error[:200], shown)

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()

    def _exchange(
        self, target: Target, body: str, headers: Mapping[str, str], call: Call
    ) -> tuple[int, str]:
        connection = self._connections.take(target, checked_address(target))
        reusable = False
        try:
            connection.has_seconds(max(call.left, _LEAST))
            if connection.sock is None:
                connection.connect()
            call.goes_over(connection.sock)
            connection.request(
                "POST",
                target.path,
                body=body.encode(),
                headers={**headers, "host": target.authority},
            )
            answer = connection.getresponse()
            read = answer.read(_READ)
            if len(read) < _READ and answer.length:
                msg = "the answer ends in its body"
                raise ConnectionAbortedError(msg)
            # The rest of a longer one is nobody's concern.
            reusable = answer.isclosed() and not answer.will_close
        finally:
            # What follows over this connection is not this call's to cut.
            call.goes_over(None)
            if reusable:
                self._connections.keep(connection)
            else:
                connection.close()
        text = (
            read[:_KEPT]
            .decode("utf-8", "replace")
            .replace("\x00", "\N{REPLACEMENT CHARACTER}")
        )
        return int(answer.status), text


@lru_cache(maxsize=1_024)
def _target_of(url: str) -> Target:
    return read_target(url)


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
    if isinstance(failed, ssl.SSLCertVerificationError):
        return f"The certificate was not accepted: {failed.verify_message}"
    if isinstance(failed, NotReached):
        return "The connection was refused or not answered"
    if isinstance(failed, TimeoutError):
        return _TOO_LATE.format(int(TIMEOUT.total_seconds()))
    if isinstance(failed, socket.gaierror):
        return "The host name is not known"
    return f"The connection broke: {type(failed).__name__}"
