"""Measuring the checkout: every figure of one run, round after round."""

from collections.abc import Iterator
from itertools import count
from statistics import median
from typing import Any

from benchmarks import load
from benchmarks.servers import Ports
from benchmarks.shop import CUSTOMERS, Shop

ROUNDS = 3
CONNECTIONS = 8
MANY = 32
STACKED = 5


class Checkout:
    """Requests of one shop, measured against the floor."""

    def __init__(self, shop: Shop, ports: Ports, *, seconds: float) -> None:
        self._shop = shop
        self._ports = ports
        self._seconds = seconds
        self._unused = iter(shop.distinct)
        self.rounds: dict[str, list[load.Measured]] = {}

    def run(self) -> None:
        """Warm up, then measure everything in turn, some rounds long."""
        for _ in range(ROUNDS + 1):
            for name, requests, connections in self._plan():
                measured = load.measure(
                    self._ports.floor if name == "floor" else self._ports.promo,
                    requests,
                    seconds=self._seconds,
                    connections=connections,
                )
                self.rounds.setdefault(name, []).append(measured)
        for measured_rounds in self.rounds.values():
            del measured_rounds[0]

    def rate(self, name: str) -> float:
        """Return requests a second, the median of the rounds."""
        return median(one.rate for one in self.rounds[name])

    def tail(self, name: str) -> float:
        """Return p99 over p50, the median of the rounds."""
        return median(one.p99 / one.p50 for one in self.rounds[name])

    def statuses(self, name: str) -> dict[int, int]:
        """Return how often each status was answered, in all rounds."""
        found: dict[int, int] = {}
        for one in self.rounds[name]:
            for status, times in one.statuses.items():
                found[status] = found.get(status, 0) + times
        return found

    def _plan(self) -> list[tuple[str, Iterator[bytes], int]]:
        hot, first = self._shop.hot, self._shop.distinct[-1]
        stacked = self._shop.distinct[-STACKED:]
        return [
            ("floor", self._floor(), CONNECTIONS),
            ("validate", self._asking("/v1/validations", first), CONNECTIONS),
            ("validate five", self._asking("/v1/validations", *stacked), CONNECTIONS),
            ("validate unknown", self._asking("/v1/validations", "NONE"), CONNECTIONS),
            ("redeem", self._redeeming(), CONNECTIONS),
            ("redeem hot", self._asking("/v1/redemptions", hot), CONNECTIONS),
            ("redeem hot, many", self._asking("/v1/redemptions", hot), MANY),
        ]

    def _floor(self) -> Iterator[bytes]:
        sent = load.request(self._ports.floor, "/floor", self._body(0, "CODE"))
        while True:
            yield sent

    def _asking(self, path: str, *codes: str) -> Iterator[bytes]:
        for number in count():
            yield self._request(path, self._body(number, *codes))

    def _redeeming(self) -> Iterator[bytes]:
        for number in count():
            yield self._request(
                "/v1/redemptions", self._body(number, next(self._unused))
            )

    def _request(self, path: str, body: Any) -> bytes:
        return load.request(self._ports.promo, path, body, self._shop.headers)

    def _body(self, number: int, *codes: str) -> dict[str, Any]:
        return {
            "redeemables": [{"object": "voucher", "id": code} for code in codes],
            "customer": {"source_id": f"customer-{number % CUSTOMERS}"},
            "order": {
                "amount": sum(item["amount"] for item in self._shop.items),
                "items": self._shop.items,
                "metadata": {"channel": "web", "store": "Berlin", "express": True},
            },
        }
