"""Sending bodies to targets, at the addresses that were checked.

A name is looked up for every connection, and the connection goes to the very address
that passed, whatever the name says a moment later. Redirects are answers like any
other, and answers are not unpacked.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from django.conf import settings
from yarl import URL

from webhooks.engine.targets import NotAllowed, Target, check_address, read_target

#: Everything from looking up the name to the last byte read.
TIMEOUT = timedelta(seconds=10)
#: Of an answer so many bytes are read, and of those so many characters kept.
_READ, _KEPT = 65_536, 4_096
_TOO_LATE = "No whole answer within {} seconds"
_OK = range(200, 300)
#: What receivers are not told, for answers are only kept to be looked at.
_UNSAID = ("accept", "accept-encoding")


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


class Sender:
    """Sends many at once within one event loop, and keeps connections.

    ``connections`` are open to each target at most.
    """

    def __init__(self, *, connections: int) -> None:
        self._most = connections
        self._session: aiohttp.ClientSession | None = None
        self._context: ssl.SSLContext | None = None

    async def send(
        self, url: str, body: str, headers: Mapping[str, str], *, now: datetime
    ) -> Outcome:
        """Return what came of posting ``body`` to ``url``; nothing is raised."""
        started = time.monotonic()
        status, error, shown = None, "", ""
        try:
            async with asyncio.timeout(TIMEOUT.total_seconds()):
                status, shown = await self._exchange(url, body, headers)
        except TimeoutError:
            error = _TOO_LATE.format(int(TIMEOUT.total_seconds()))
        except NotAllowed as refused:
            error = f"The target {refused}"
        except (aiohttp.ClientError, OSError, ValueError) as failed:
            error = _reason(failed)
        duration = int((time.monotonic() - started) * 1_000)
        return Outcome(now, duration, status, error[:200], shown)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(
        self, url: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, str]:
        target, address = _target_of(url)
        if target.literal is not None:
            check_address(target.literal, settings.WEBHOOK_ALLOWED_NETWORKS)
        session = self._session = self._session or self._opened()
        async with session.post(
            address,
            data=body.encode(),
            headers=headers,
            allow_redirects=False,
            ssl=self._safe() if target.scheme == "https" else True,
        ) as answer:
            read = await _beginning_of(answer)
        text = read[:_KEPT].decode("utf-8", "replace")
        return answer.status, text.replace("\x00", "\N{REPLACEMENT CHARACTER}")

    def _opened(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0,
            limit_per_host=self._most,
            resolver=_CheckedNames(),
            use_dns_cache=False,
        )
        return aiohttp.ClientSession(
            auto_decompress=False,
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_UNSAID,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        )

    def _safe(self) -> ssl.SSLContext:
        """Return what certificates are checked with; reading those takes a while."""
        if self._context is None:
            trusted = settings.WEBHOOK_CA_FILE or None
            self._context = ssl.create_default_context(cafile=trusted)
        return self._context


class _CheckedNames(AbstractResolver):
    """Looks up names, and refuses those that lead to where nobody may be sent."""

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,
    ) -> list[ResolveResult]:
        """Return the first address that ``host`` stands for.

        Raises:
            NotAllowed: one of its addresses is not out in the world.
            OSError: the name is not known.
        """
        looking = asyncio.get_running_loop()
        found = await looking.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, family=family
        )
        addresses = [
            ip_address(str(address[0]).partition("%")[0]) for *_, address in found
        ]
        for each in addresses:
            check_address(each, settings.WEBHOOK_ALLOWED_NETWORKS)
        first = ResolveResult(
            hostname=host,
            host=str(addresses[0]),
            port=port,
            family=found[0][0],
            proto=0,
            flags=socket.AI_NUMERICHOST,
        )
        return [first]

    async def close(self) -> None:
        """Hold nothing."""


@lru_cache(maxsize=1_024)
def _target_of(url: str) -> tuple[Target, URL]:
    """Return what ``url`` points to, and the same as it is asked for.

    Raises:
        NotAllowed: it is no address that may be called.
    """
    target = read_target(url)
    written = f"{target.scheme}://{target.authority}{target.path}"
    return target, URL(written, encoded=True)


async def _beginning_of(answer: aiohttp.ClientResponse) -> bytes:
    """Read an answer as far as anybody looks; a longer one is not waited for."""
    read = bytearray()
    while len(read) < _READ:
        piece = await answer.content.read(_READ - len(read))
        if not piece:
            return bytes(read)
        read += piece
    if not answer.content.at_eof():
        answer.close()
    return bytes(read)


def _reason(failed: Exception) -> str:
    """Return why nothing was answered, in words for whoever runs the receiver."""
    if isinstance(failed, aiohttp.ClientConnectorCertificateError):
        refused = failed.certificate_error
        if isinstance(refused, ssl.SSLCertVerificationError):
            return f"The certificate was not accepted: {refused.verify_message}"
    if isinstance(failed, aiohttp.ClientConnectorDNSError):
        return "The host name is not known"
    if isinstance(failed, aiohttp.ClientConnectorSSLError):
        return "The connection could not be made safe"
    if isinstance(failed, aiohttp.ClientConnectorError):
        return "The connection was refused or not answered"
    return f"The connection broke: {type(failed).__name__}"
