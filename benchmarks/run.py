"""Measures one database that is ours alone, and prints the ratios."""

import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django has to be set up first
from django.core.management import call_command  # noqa: E402

from benchmarks import pgbench, servers  # noqa: E402
from benchmarks.checkout import CONNECTIONS, ROUNDS, Checkout  # noqa: E402
from benchmarks.shop import Shop, open_shop  # noqa: E402
from campaigns.models import Voucher  # noqa: E402
from promo.clock import utc_now  # noqa: E402
from redemptions.models import Redemption  # noqa: E402

CODES = 20_000
SECONDS = 4.0
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A measure with the least (or, for a tail, the most) that it must be.

    The run fails for a ``required`` one that is not as good; the others are watched.
    """

    measure: str
    ratio: float
    must: float
    goal: float
    at_most: bool = False
    required: bool = False

    @property
    def holds(self) -> bool:
        """Whether the measure is as good as it must be."""
        return self.ratio <= self.must if self.at_most else self.ratio >= self.must


def main() -> int:
    """Measure; return 0 if every required measure is as good as it must be."""
    call_command("migrate", verbosity=0)
    shop = open_shop(codes=CODES, now=utc_now())
    pgbench_program = pgbench.program()
    if pgbench_program:
        pgbench.prepare()
    with (
        tempfile.TemporaryDirectory() as folder,
        servers.running(Path(folder)) as ports,
    ):
        checkout = Checkout(shop, ports, seconds=SECONDS)
        checkout.run()
    alone = (
        pgbench.rate(pgbench_program, seconds=SECONDS, clients=CONNECTIONS)
        if pgbench_program
        else None
    )
    rows = _rows(checkout, alone)
    faults = _faults(checkout, shop)
    _report(checkout, alone, rows, faults)
    failed = [row for row in rows if row.required and not row.holds]
    return 1 if faults or failed else 0


def _rows(checkout: Checkout, alone: float | None) -> list[Row]:
    rate = checkout.rate
    floor, one, redeem = rate("floor"), rate("validate"), rate("redeem")
    hot = rate("redeem hot")
    rows = [
        Row("validate one code ÷ F", one / floor, 0.25, 0.35, required=True),
        Row("validate five ÷ validate one", rate("validate five") / one, 0.35, 0.6),
        Row("validate unknown ÷ known code", rate("validate unknown") / one, 1.0, 1.3),
        Row("redeem distinct codes ÷ F", redeem / floor, 0.16, 0.25, required=True),
        Row("redeem one hot code ÷ distinct", hot / redeem, 0.6, 0.85, required=True),
        Row("hot, 32 ÷ 8 connections", rate("redeem hot, many") / hot, 0.6, 0.85),
        Row(
            "validate p99 ÷ p50",
            checkout.tail("validate"),
            6,
            3,
            at_most=True,
            required=True,
        ),
    ]
    if alone is not None:
        rows.append(Row("redeem distinct codes ÷ P", redeem / alone, 0.08, 0.12))
    return rows


def _faults(checkout: Checkout, shop: Shop) -> list[str]:
    """Return what is wrong whatever the speed."""
    broken = [
        f"{name}: {times} answers of {status}"
        for name in checkout.rounds
        for status, times in checkout.statuses(name).items()
        if status >= SERVER_ERROR
    ]
    hot = Voucher.objects.get(code=shop.hot)
    kept = Redemption.objects.filter(voucher=hot, result="SUCCESS").count()
    if kept != hot.redeemed_quantity:
        broken.append(f"hot code: counted {hot.redeemed_quantity}, kept {kept}")
    return broken


def _report(
    checkout: Checkout, alone: float | None, rows: list[Row], faults: list[str]
) -> None:
    rates = {name: round(checkout.rate(name), 1) for name in checkout.rounds}
    if alone is not None:
        rates["pgbench (P)"] = round(alone, 1)
    for name, rate in rates.items():
        _say(f"{name:<32}{rate:>10.1f} /s")
    _say("")
    _say(f"{'measure':<32}{'ratio':>8}{'must':>8}{'goal':>8}")
    for row in rows:
        verdict = "holds" if row.holds else "FAILS" if row.required else "below"
        figures = f"{row.ratio:>8.2f}{row.must:>8.2f}{row.goal:>8.2f}"
        _say(f"{row.measure:<32}{figures}  {verdict}")
    for fault in faults:
        _say(f"FAULT {fault}")
    result = {
        "rounds": ROUNDS,
        "seconds": SECONDS,
        "connections": CONNECTIONS,
        "per_second": rates,
        "rows": [asdict(row) | {"holds": row.holds} for row in rows],
        "faults": faults,
    }
    Path(settings.DATA_DIR, "bench.json").write_text(json.dumps(result, indent=2))
    _say(json.dumps(result))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
