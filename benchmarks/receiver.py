"""A receiver of webhooks that costs as little as it can, in a process of its own.

Run as ``python -m benchmarks.receiver PORT SECONDS``: it answers every POST after so
many seconds, none at all if they are negative. ``GET`` tells when which event arrived.
"""

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.ports import free_port, wait_for

NEVER = -1.0
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length: "
_TAKEN = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
_arrived: list[tuple[float, bytes]] = []


class _Taker(asyncio.Protocol):
    """One connection; requests come one after the other."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._read = bytearray()
        self._wire: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._wire = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        end = self._read.find(_HEAD_END)
        if end < 0:
            return
        head = bytes(self._read[:end])
        at = head.lower().find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at > 0 else 0
        start = end + len(_HEAD_END)
        if len(self._read) < start + length:
            return
        body = bytes(self._read[start : start + length])
        del self._read[: start + length]
        self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET"):
            self._tell()
            return
        _arrived.append((time.time(), body))
        if self._delay > 0:
            asyncio.get_running_loop().call_later(self._delay, self._take)
        elif self._delay == 0:
            self._take()

    def _take(self) -> None:
        if self._wire is not None:
            self._wire.write(_TAKEN)

    def _tell(self) -> None:
        if self._wire is None:
            return
        told = {
            "ev_" + json.loads(body)["event"]["id"].partition("_")[2]: at
            for at, body in reversed(_arrived)
        }
        content = json.dumps(told).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(content)}\r\n\r\n".encode()
        self._wire.write(head + content)


async def _serve(port: int, delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Taker(delay), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


@contextmanager
def receiving(delay: float) -> Iterator[int]:
    """Run a receiver that answers after ``delay`` seconds; yield its port."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.receiver", str(port), str(delay)]
    program = subprocess.Popen(command)  # noqa: S603 - our own command
    try:
        wait_for(port)
        yield port
    finally:
        program.kill()
        program.wait()


def arrivals(port: int) -> dict[str, float]:
    """Return when each event first arrived, in seconds of the clock, by its id."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
        told: dict[str, float] = json.load(answer)
    return told


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
