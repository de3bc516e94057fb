"""The long work, as ratios to what the database alone needs: ``make bench-bulk``.

``BENCH_ROWS`` says how many codes and customers; a million take some minutes.
"""

import os
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from statistics import median

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - Django has to be set up first
from django.db import transaction  # noqa: E402

from benchmarks import bulk_codes, bulk_customers, servers  # noqa: E402
from benchmarks.bulk_exports import measure_exports  # noqa: E402
from benchmarks.report import Report, Row  # noqa: E402
from customers.services.segment import create_segment  # noqa: E402
from customers.services.segment_placing import place_again  # noqa: E402
from customers.services.segment_sql import place_everybody  # noqa: E402
from promo.clock import utc_now  # noqa: E402
from promo.heap import settle  # noqa: E402
from promo.tenancy.models import Project  # noqa: E402

ROWS = int(os.environ.get("BENCH_ROWS", "200000"))
#: A worker's memory, in MB, whatever the number of rows.
MEMORY = 300.0
_SILVER = {"metadata.tier": {"conditions": {"$is": ["silver"]}}}
_GOLD = {"metadata.tier": {"conditions": {"$is": ["gold"]}}}


def main() -> int:
    """Measure; return 0 if every measure is as good as it must be."""
    call_command("migrate", verbosity=0)
    settle()
    now = utc_now()
    shop = bulk_codes.open_large_shop(now=now)
    with (
        tempfile.TemporaryDirectory() as folder,
        servers.running(Path(folder)) as ports,
    ):
        speed = bulk_codes.speed(shop, ports.promo, codes=ROWS, now=now)
        latency = bulk_codes.latency(shop, ports.promo, codes=ROWS, now=now)
    exported = measure_exports(shop.project, now=now)
    imported = bulk_customers.measure(ROWS, now=now)
    placed = _placed(imported.project, now)
    one = _placed_again(imported.project, now)
    memory = max(speed.memory, imported.memory)
    report = Report(
        per_second={
            "codes, COPY": speed.copied,
            "codes, generated": speed.generated,
            "customers, COPY": imported.copied,
            "customers, imported": imported.imported,
            "vouchers, COPY TO": exported.copy,
            "vouchers, exported": exported.export,
        },
        rows=[
            Row("generate codes ÷ COPY", speed.ratio, 0.3, 0.6),
            Row("import customers ÷ COPY", imported.share, 0.2, 0.3),
            Row("export vouchers ÷ COPY TO", exported.ratio, 0.3, 0.6),
            Row("most memory, MB", memory, MEMORY, MEMORY, at_most=True),
            Row("validate p95 beside it ÷ idle", latency.ratio, 3, 3, at_most=True),
            Row("place one customer anew, ms", one * 1_000, 5, 5, at_most=True),
        ],
        latencies={
            "validate": {"idle, p95": latency.idle, "busy, p95": latency.busy},
            "place customers in a segment": {f"{ROWS:,}": placed * 1_000},
        },
        faults=[],
    )
    report.show()
    return 1 if report.failed else 0


def _placed(project: Project, now: datetime) -> float:
    """Return the seconds that placing everybody in a segment takes."""
    segment = create_segment(
        project=project, now=now, name="Gold", type="passive", filter=_GOLD
    )
    start = time.perf_counter()
    place_everybody(project, segment, now=now)
    return time.perf_counter() - start


def _placed_again(project: Project, now: datetime) -> float:
    """Return the seconds of placing one customer who changed, the median of many.

    The project has two segments; those who are in one of them stay there.
    """
    create_segment(
        project=project, now=now, name="Silver", type="auto-update", filter=_SILVER
    )
    changed = list(project.customers.order_by("pk").values_list("pk", flat=True)[:50])
    return median(_seconds_of(project, each, now) for each in changed)


def _seconds_of(project: Project, customer_id: str, now: datetime) -> float:
    start = time.perf_counter()
    with transaction.atomic():
        place_again(project, [customer_id], now=now)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
