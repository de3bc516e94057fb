"""Measures one database that is ours alone, and prints the ratios."""

import sys
import tempfile
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - Django has to be set up first

from benchmarks import engine, pgbench, servers  # noqa: E402
from benchmarks.checkout import BARE, CONNECTIONS, Asking, Checkout  # noqa: E402
from benchmarks.growth import REDEEMABLES, Growth  # noqa: E402
from benchmarks.load import measure  # noqa: E402
from benchmarks.report import Report, Row  # noqa: E402
from benchmarks.shop import LIMIT, LINES, Shop, open_market, open_shop  # noqa: E402
from campaigns.models import Voucher  # noqa: E402
from promo.clock import utc_now  # noqa: E402
from redemptions.models import Redemption  # noqa: E402

CODES = 30_000
PROMOTIONS = 100
SECONDS = 4.0
SERVER_ERROR = 500


def main() -> int:
    """Measure; return 0 if every measure is as good as it must be."""
    call_command("migrate", verbosity=0)
    now = utc_now()
    shop = open_shop(codes=CODES, now=now)
    market = open_market(campaigns=PROMOTIONS, now=now)
    pgbench.prepare()
    with (
        tempfile.TemporaryDirectory() as folder,
        servers.running(Path(folder)) as ports,
    ):
        checkout = Checkout(shop, market, ports, seconds=SECONDS)
        checkout.run()
        largest = _largest(shop, ports.promo)
        growth = Growth(shop, ports.promo, now=now, seconds=SECONDS / 2)
        growth.run()
    program, alone = pgbench.program(), None
    if program:
        alone = pgbench.rate(program, seconds=SECONDS, clients=CONNECTIONS)
    report = Report(
        per_second=_rates(checkout, alone),
        rows=[*_rows(checkout, alone), *_engine_rows(), *_curves(growth)],
        latencies=growth.latencies | {"validate, 30 redeemables": largest},
        faults=_faults(checkout, shop),
        limits=_limits(checkout, alone),
    )
    report.show()
    return 1 if report.faults or report.failed else 0


def _rates(checkout: Checkout, alone: float | None) -> dict[str, float]:
    rates = {name: checkout.rate(name) for name in checkout.rounds}
    return rates if alone is None else rates | {"pgbench (P)": alone}


def _limits(checkout: Checkout, alone: float | None) -> dict[str, float]:
    """Return what a view that does nothing but redeem reaches here."""
    bare = checkout.rate(BARE)
    limits = {"bare redemption ÷ F": bare / checkout.rate("floor")}
    return limits if alone is None else limits | {"bare redemption ÷ P": bare / alone}


def _rows(checkout: Checkout, alone: float | None) -> list[Row]:
    rate = checkout.rate
    floor, one, redeem = rate("floor"), rate("validate"), rate("redeem")
    hot = rate("redeem hot")
    rows = [
        Row("validate one code ÷ F", one / floor, 0.25, 0.35),
        Row("validate five ÷ validate one", rate("validate five") / one, 0.35, 0.6),
        Row("qualify over 100 campaigns ÷ F", rate("qualify") / floor, 0.03, 0.08),
        Row("redeem distinct codes ÷ F", redeem / floor, 0.16, 0.25),
        Row("redeem one hot code ÷ distinct", hot / redeem, 0.6, 0.85),
        Row("hot, 32 ÷ 8 connections", rate("redeem hot, many") / hot, 0.6, 0.85),
        Row("validate p99 ÷ p50", checkout.tail("validate"), 6, 3, at_most=True),
    ]
    if alone is not None:
        rows.insert(4, Row("redeem distinct codes ÷ P", redeem / alone, 0.08, 0.12))
    return rows + [
        Row(f"validate {state} ÷ good code", rate(f"validate {state}") / one, 1.0, 1.3)
        for state in ("unknown", "expired", "used up")
    ]


def _engine_rows() -> list[Row]:
    return [
        Row("engine, simple decisions /s", engine.simple_decisions(3), 20_000, 20_000),
        Row(
            f"engine, {REDEEMABLES} on {LINES} lines, ms",
            engine.largest(3),
            15,
            15,
            at_most=True,
        ),
    ]


def _curves(growth: Growth) -> list[Row]:
    return [
        Row(
            curve.measure,
            growth.ratio(curve),
            curve.must,
            curve.goal,
            at_most=True,
        )
        for curve in growth.curves
    ]


def _largest(shop: Shop, port: int) -> dict[str, float]:
    """Return the median latency, in ms, of the largest validation."""
    asking = Asking(shop, port, LINES)
    codes = shop.distinct[-REDEEMABLES:]
    measured = measure(
        port, asking.validate(*codes), seconds=SECONDS, connections=CONNECTIONS
    )
    return {f"{LINES} lines": measured.p50}


def _faults(checkout: Checkout, shop: Shop) -> list[str]:
    """Return what is wrong whatever the speed."""
    broken = [
        f"{name}: {times} answers of {status}"
        for name in checkout.rounds
        for status, times in checkout.statuses(name).items()
        if status >= SERVER_ERROR
    ]
    for code, limit in ((shop.hot, None), (shop.limited, LIMIT)):
        voucher = Voucher.objects.get(project=shop.project, code=code)
        kept = Redemption.objects.standing().filter(voucher=voucher).count()
        if kept != voucher.redeemed_quantity:
            broken.append(f"{code}: counted {voucher.redeemed_quantity}, kept {kept}")
        if limit not in {None, kept}:
            broken.append(f"{code}: used {kept} times, its limit is {limit}")
    return broken


if __name__ == "__main__":
    sys.exit(main())
