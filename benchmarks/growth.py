"""Whether a request stays as quick when what lies behind it grows.

Each curve is the median latency at its large end over that at its small end, taken
in turn, at a load that leaves the processors room.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from statistics import median

from benchmarks import load
from benchmarks.ageing import fill, give_history, use_often
from benchmarks.checkout import Asking, qualification
from benchmarks.shop import Shop, open_market, open_shop

SMALL = 10_000
#: Vouchers of the large project; ten million take their time to be made.
LARGE = int(os.environ.get("BENCH_VOUCHERS", "1000000"))
#: Times that the worn code was used.
WORN = int(os.environ.get("BENCH_USES", "100000"))
REGULAR = 10_000
MARKETS = (10, 100, 1_000)
CARTS = (1, 10, 100)
ROUNDS = 3
#: Two would meet at one process now and then, and show twice the time.
CONNECTIONS = 1
REDEEMABLES = 30
NEIGHBOUR = "validate, vouchers of another project"


@dataclass(frozen=True, slots=True)
class Curve:
    """A measure at growing sizes; ``must`` and ``goal`` bound large over small."""

    measure: str
    points: Mapping[str, Iterator[bytes]]
    must: float
    goal: float


class Growth:
    """The curves of one run."""

    def __init__(self, shop: Shop, port: int, *, now: datetime, seconds: float) -> None:
        self._shop = shop
        self._port = port
        self._now = now
        self._seconds = seconds
        self.latencies: dict[str, dict[str, float]] = {}
        self.curves: Sequence[Curve] = ()

    def run(self) -> None:
        """Grow what has to be large, then measure every point, some rounds long."""
        small = open_shop(codes=SMALL, now=self._now, name="Small")
        alone = Curve(NEIGHBOUR, {"absent": self._validating(small)}, 1.25, 1.1)
        self._measure([alone])
        beside = Curve(NEIGHBOUR, {str(LARGE): self._validating(small)}, 1.25, 1.1)
        self.curves = [*self._prepared(small), beside]
        self._measure(self.curves)

    def _measure(self, curves: Sequence[Curve]) -> None:
        """Note the median latency of every point."""
        taken: dict[tuple[str, str], list[float]] = {}
        for _ in range(ROUNDS + 1):
            for curve in curves:
                for size, requests in curve.points.items():
                    one = load.measure(
                        self._port,
                        requests,
                        seconds=self._seconds,
                        connections=CONNECTIONS,
                    )
                    taken.setdefault((curve.measure, size), []).append(one.p50)
        for (measure, size), rounds in taken.items():
            self.latencies.setdefault(measure, {})[size] = median(rounds[1:])

    def ratio(self, curve: Curve) -> float:
        """Return the latency at the large end over that at the small end."""
        latencies = list(self.latencies[curve.measure].values())
        return latencies[-1] / latencies[0]

    def _prepared(self, small: Shop) -> Sequence[Curve]:
        return [
            *self._over_vouchers(small),
            *self._over_uses(small),
            self._over_history(small),
            self._over_campaigns(),
            self._over_lines(small),
        ]

    def _over_vouchers(self, small: Shop) -> Sequence[Curve]:
        large = open_shop(codes=SMALL, now=self._now, name="Large")
        fill(large, LARGE - SMALL, now=self._now)
        shops = {str(SMALL): small, str(LARGE): large}
        validations = {size: self._validating(shop) for size, shop in shops.items()}
        redemptions = {size: self._redeeming(shop) for size, shop in shops.items()}
        return [
            Curve("validate, vouchers in the project", validations, 1.25, 1.1),
            Curve("redeem, vouchers in the project", redemptions, 1.4, 1.2),
        ]

    def _over_uses(self, small: Shop) -> Sequence[Curve]:
        worn = open_shop(codes=10, now=self._now, name="Worn")
        use_often(worn, WORN, now=self._now)
        shops = {"0": small, str(WORN): worn}
        validations = {
            times: self._asking(shop).validate(shop.hot)
            for times, shop in shops.items()
        }
        redemptions = {
            times: self._asking(shop).redeem(shop.hot) for times, shop in shops.items()
        }
        return [
            Curve("validate, times the code was used", validations, 1.25, 1.1),
            Curve("redeem, times the code was used", redemptions, 1.25, 1.1),
        ]

    def _over_history(self, small: Shop) -> Curve:
        regular = open_shop(codes=10, now=self._now, name="Regular")
        give_history(regular, "customer-1", REGULAR, now=self._now)
        points = {
            times: self._asking(shop, "customer-1").validate(shop.distinct[-1])
            for times, shop in {"0": small, str(REGULAR): regular}.items()
        }
        return Curve("validate, redemptions of the customer", points, 1.25, 1.1)

    def _over_campaigns(self) -> Curve:
        points = {
            str(size): self._qualifying(open_market(campaigns=size, now=self._now))
            for size in MARKETS
        }
        grown = MARKETS[-1] / MARKETS[0]
        return Curve("qualify, active campaigns", points, grown, grown**0.5)

    def _over_lines(self, small: Shop) -> Curve:
        points = {
            str(lines): self._asking(small, lines=lines).validate(small.distinct[-1])
            for lines in CARTS
        }
        return Curve("validate, cart lines", points, 6, 4)

    def _asking(
        self, shop: Shop, customer: str | None = None, lines: int = 3
    ) -> Asking:
        return Asking(shop, self._port, lines, customer)

    def _validating(self, shop: Shop) -> Iterator[bytes]:
        return self._asking(shop).validate(shop.distinct[-1])

    def _redeeming(self, shop: Shop) -> Iterator[bytes]:
        unused = iter(shop.distinct)
        asking = self._asking(shop)
        for number in count():
            yield asking.one("/v1/redemptions", number, next(unused))

    def _qualifying(self, headers: Mapping[str, str]) -> Iterator[bytes]:
        while True:
            yield qualification(self._port, headers)
