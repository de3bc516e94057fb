"""Sending prepared requests over connections that stay open, and timing answers.

The generator shares the processors with what it measures, so it does as little as
it can: requests are bytes made beforehand, answers are read and not parsed.
"""

import asyncio
import json
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

OK = 200


@dataclass(frozen=True, slots=True)
class Measured:
    """What one round gave: requests a second, latencies in ms, statuses."""

    rate: float
    p50: float
    p95: float
    p99: float
    statuses: Mapping[int, int] = field(default_factory=dict)


def request(
    port: int, path: str, body: Any, headers: Mapping[str, str] | None = None
) -> bytes:
    """Return a POST of JSON as it goes over the wire."""
    content = json.dumps(body).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def measure(
    port: int, requests: Iterator[bytes], *, seconds: float, connections: int
) -> Measured:
    """Send ``requests`` one after the other on each connection for some seconds.

    Raises:
        StopIteration: there were not enough requests.
    """
    return asyncio.run(_measure(port, requests, seconds, connections))


async def _measure(
    port: int, requests: Iterator[bytes], seconds: float, connections: int
) -> Measured:
    taken: list[float] = []
    statuses: Counter[int] = Counter()
    start = time.perf_counter()
    until = start + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (sent := time.perf_counter()) < until:
            writer.write(next(requests))
            statuses[await _answer(reader)] += 1
            taken.append(time.perf_counter() - sent)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(client() for _ in range(connections)))
    spent = time.perf_counter() - start
    cuts = statistics.quantiles(taken, n=100)
    return Measured(
        rate=len(taken) / spent,
        p50=cuts[49] * 1_000,
        p95=cuts[94] * 1_000,
        p99=cuts[98] * 1_000,
        statuses=dict(statuses),
    )


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read one answer whole; return its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    if b"content-length:" in lower:
        length = lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]
        await reader.readexactly(int(length))
    else:
        await reader.readuntil(b"\r\n0\r\n\r\n")
    return int(head.split(b" ", 2)[1])
