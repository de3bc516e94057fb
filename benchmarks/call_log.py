"""What logging every call costs the checkout: with the log ÷ without it.

Two servers of the same shop take turns; ``python -m benchmarks call_log``.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - Django has to be set up first

from benchmarks import servers  # noqa: E402
from benchmarks.checkout import CONNECTIONS, Asking  # noqa: E402
from benchmarks.load import Measured, measure  # noqa: E402
from benchmarks.shop import Shop, open_shop  # noqa: E402
from promo.call_log.models import ApiCall  # noqa: E402
from promo.clock import utc_now  # noqa: E402

MUST, GOAL = 0.9, 0.95
# Short turns, many of them: what else the machine does then meets both alike.
ROUNDS = 15
SECONDS = 2.0
CODES = 100
_WITH, _WITHOUT = {"CALL_LOG_DAYS": "180"}, {"CALL_LOG_DAYS": "0"}


def ratio(shop: Shop, *, seconds: float = SECONDS, rounds: int = ROUNDS) -> float:
    """Return validations a second with the log, as a part of those without it."""
    wanted = [(servers.PROMO, _WITH), (servers.PROMO, _WITHOUT)]
    taken: list[tuple[Measured, Measured]] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        servers.served(Path(folder), wanted) as ports,
    ):
        for turn in range(rounds + 1):
            # Who comes second finds the processors warmer, and the other's leftovers.
            order = (0, 1) if turn % 2 else (1, 0)
            found = {
                side: _validating(shop, ports[side], seconds=seconds) for side in order
            }
            taken.append((found[0], found[1]))
    for on, off in taken[1:]:
        sys.stdout.write(
            f"with {on.rate:7.1f}/s p99 {on.p99:5.1f} ms    "
            f"without {off.rate:7.1f}/s p99 {off.p99:5.1f} ms\n"
        )
    return median(on.rate / off.rate for on, off in taken[1:])


def _validating(shop: Shop, port: int, *, seconds: float) -> Measured:
    requests = Asking(shop, port).validate(*shop.distinct[-1:])
    return measure(port, requests, seconds=seconds, connections=CONNECTIONS)


def main() -> int:
    """Measure; return 0 if the log is as cheap as it must be."""
    call_command("migrate", verbosity=0)
    shop = open_shop(codes=CODES, now=utc_now())
    found = ratio(shop)
    kept = ApiCall.objects.filter(project=shop.project).count()
    verdict = "goal" if found >= GOAL else "holds" if found >= MUST else "FAILS"
    sys.stdout.write(
        f"{kept:,} calls kept\nvalidate, log on ÷ off: {found:.3f}  {verdict}\n"
    )
    return 0 if found >= MUST and kept else 1


if __name__ == "__main__":
    sys.exit(main())
