"""Measuring the checkout: every figure of one run, round after round."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from statistics import median
from typing import Any

from benchmarks import load
from benchmarks.ageing import analyse
from benchmarks.servers import Ports
from benchmarks.shop import CUSTOMERS, Shop, line

ROUNDS = 3
CONNECTIONS = 8
MANY = 32
#: The least that a redemption over HTTP can be.
BARE = "bare redemption"
STACKED = 5
_OF_THE_FLOOR = ("floor", BARE)


class Checkout:
    """Requests of one shop, measured against the floor."""

    def __init__(
        self, shop: Shop, market: Mapping[str, str], ports: Ports, *, seconds: float
    ) -> None:
        self._shop = shop
        self._market = market
        self._used_up = shop.distinct[0]
        self._ports = ports
        self._seconds = seconds
        self._unused = iter(shop.distinct)
        self.rounds: dict[str, list[load.Measured]] = {}

    def run(self) -> None:
        """Warm up, then measure everything in turn, some rounds long."""
        for turn in range(ROUNDS + 1):
            if turn == 1:
                analyse()
            for name, requests, connections in self._plan():
                measured = load.measure(
                    self._ports.floor if name in _OF_THE_FLOOR else self._ports.promo,
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
        shop = self._shop
        asking = Asking(shop, self._ports.promo)
        one, stacked = shop.distinct[-1:], shop.distinct[-STACKED:]
        return [
            ("floor", self._floor(), CONNECTIONS),
            (BARE, self._bare(), CONNECTIONS),
            ("validate", asking.validate(*one), CONNECTIONS),
            ("validate five", asking.validate(*stacked), CONNECTIONS),
            ("validate unknown", asking.validate("NONE"), CONNECTIONS),
            ("validate expired", asking.validate(shop.expired), CONNECTIONS),
            ("validate used up", asking.validate(self._used_up), CONNECTIONS),
            ("qualify", self._qualifying(), CONNECTIONS),
            ("redeem", self._redeeming(asking), CONNECTIONS),
            ("redeem hot", asking.redeem(shop.hot), CONNECTIONS),
            ("redeem hot, many", asking.redeem(shop.hot), MANY),
            ("redeem limited", asking.redeem(shop.limited), MANY),
        ]

    def _floor(self) -> Iterator[bytes]:
        body = checkout(self._shop.cart(), 0, "CODE")
        sent = load.request(self._ports.floor, "/floor", body)
        while True:
            yield sent

    def _bare(self) -> Iterator[bytes]:
        for number in count(1):
            body = checkout(self._shop.cart(), number, f"CODE-{number}")
            yield load.request(self._ports.floor, "/redeem", body)

    def _qualifying(self) -> Iterator[bytes]:
        while True:
            yield qualification(self._ports.promo, self._market)

    def _redeeming(self, asking: "Asking") -> Iterator[bytes]:
        for number in count():
            yield asking.one("/v1/redemptions", number, next(self._unused))


@dataclass(frozen=True, slots=True)
class Asking:
    """Requests to a shop's checkout, one after the other."""

    shop: Shop
    port: int
    lines: int = 3
    customer: str | None = None

    def validate(self, *codes: str) -> Iterator[bytes]:
        """Ask whether ``codes`` apply."""
        return (self.one("/v1/validations", number, *codes) for number in count())

    def redeem(self, *codes: str) -> Iterator[bytes]:
        """Redeem ``codes``, by one customer after the other."""
        return (self.one("/v1/redemptions", number, *codes) for number in count())

    def one(self, path: str, number: int, *codes: str) -> bytes:
        """Return one request of the ``number``-th customer."""
        body = checkout(self.shop.cart(self.lines), number, *codes)
        if self.customer is not None:
            body["customer"] = {"source_id": self.customer}
        return load.request(self.port, path, body, self.shop.headers)


def checkout(items: list[dict[str, Any]], number: int, *codes: str) -> dict[str, Any]:
    """Return the body of a validation or redemption."""
    return {
        "redeemables": [{"object": "voucher", "id": code} for code in codes],
        "customer": {"source_id": f"customer-{number % CUSTOMERS}"},
        "order": {
            "amount": sum(item["amount"] for item in items),
            "items": items,
            "metadata": {"channel": "web", "store": "Berlin", "express": True},
        },
    }


def qualification(port: int, headers: Mapping[str, str]) -> bytes:
    """Return a request for the best of a market's promotions."""
    items = [line(number) for number in (1, 2, 3)]
    body = {
        "customer": {"source_id": "customer-0"},
        "order": {"items": items, "amount": sum(item["amount"] for item in items)},
        "scenario": "ALL",
        "options": {"limit": 5},
    }
    return load.request(port, "/v1/qualifications", body, headers)
