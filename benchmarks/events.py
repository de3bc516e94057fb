"""Telling what happened, as ratios: ``make bench-events``.

``BENCH_EVENTS`` says how many events are told at once, ``BENCH_BACKLOG`` how many wait
while redemptions are measured, ``BENCH_BUS`` how many Kafka gets.
"""

import os
import sys
import tempfile
from pathlib import Path

import django

os.environ["WEBHOOK_ALLOWED_NETWORKS"] = "127.0.0.0/8"
django.setup()

from django.core.management import call_command  # noqa: E402 - Django has to be set up first

from benchmarks import kafka, servers, webhooks  # noqa: E402
from benchmarks.backlog import slowdown  # noqa: E402
from benchmarks.receiver import NEVER, receiving  # noqa: E402
from benchmarks.report import Report, Row  # noqa: E402
from benchmarks.shop import open_shop  # noqa: E402
from promo.clock import utc_now  # noqa: E402
from promo.outbox.relay import publish_batch  # noqa: E402

EVENTS = int(os.environ.get("BENCH_EVENTS", "6000"))
BACKLOG = int(os.environ.get("BENCH_BACKLOG", "1000000"))
BUS = int(os.environ.get("BENCH_BUS", str(kafka.EVENTS)))
CODES = 10_000
#: As many receivers as fill all places of a worker that sends.
RECEIVERS = 4
SLOW_SECONDS = 0.05
#: What so many places can do at most, while each answer takes so long.
POSSIBLE = webhooks.THREADS / SLOW_SECONDS
A_SECOND, SECONDS = 50, 10


def main() -> int:
    """Measure; return 0 if every measure is as good as it must be."""
    call_command("migrate", verbosity=0)
    backlog = _beside_a_backlog()
    with webhooks.working():
        instant, floor = _instant()
        slow = _slow()
        alone, beside = _beside_a_dead_one()
        latency = _latency()
    published, busy = kafka.drained(BUS)
    report = Report(
        per_second={
            "urllib3 alone (W)": floor,
            "told, instant receivers": instant,
            "told, receivers of 50 ms": slow,
            "told, three receivers": alone,
            "told, three receivers beside a dead one": beside,
            "published to Kafka by one relay": published,
        },
        rows=[
            Row("tell instant receivers ÷ W", instant / floor, 0.3, 0.6),
            Row("tell receivers of 50 ms ÷ possible", slow / POSSIBLE, 0.7, 0.9),
            Row("tell beside a dead one ÷ without", beside / alone, 0.8, 0.95),
            Row("commit to arrival, ms", latency, 300, 300, at_most=True),
            Row(f"publish {BUS:,} events to Kafka, a second", published, *kafka.RATES),
            Row("CPU time of one of them, us", busy, 200, 100, at_most=True),
            Row(f"redeem beside {BACKLOG:,} events ÷ alone", backlog, 0.9, 0.95),
        ],
        latencies={"commit to arrival": {f"{A_SECOND} events a second": latency}},
        faults=[],
    )
    report.show()
    return 1 if report.failed else 0


def _beside_a_backlog() -> float:
    shop = open_shop(codes=CODES, now=utc_now())
    with (
        tempfile.TemporaryDirectory() as folder,
        servers.served(Path(folder), [(servers.PROMO, {})]) as [port],
    ):
        found = slowdown(shop, port, shop.project, events=BACKLOG)
    while publish_batch(now=utc_now()):
        pass
    return found


def _instant() -> tuple[float, float]:
    """Return how many are told a second, and W, before and behind it."""
    with receiving(0) as port:
        projects = [webhooks.shop(port) for _ in range(RECEIVERS)]
        webhooks.told(projects, 50)
        body = webhooks.a_body(projects[0])
        before = webhooks.posted(port, body, EVENTS)
        told = webhooks.told(projects, EVENTS // RECEIVERS)
        after = webhooks.posted(port, body, EVENTS)
    return told, (before + after) / 2


def _slow() -> float:
    with receiving(SLOW_SECONDS) as port:
        projects = [webhooks.shop(port) for _ in range(RECEIVERS)]
        # Twice as many: beginning and end, where places are free, should count little.
        return webhooks.told(projects, 2 * EVENTS // RECEIVERS)


def _beside_a_dead_one() -> tuple[float, float]:
    """Return how many others are told a second, without a dead one and with it."""
    with receiving(0) as port, receiving(NEVER) as nowhere:
        projects = [webhooks.shop(port) for _ in range(RECEIVERS - 1)]
        each = EVENTS // len(projects)
        before = webhooks.told(projects, each)
        dead = webhooks.shop(nowhere)
        webhooks.commit(dead, each)
        webhooks.wait_until_relayed([dead])
        beside = webhooks.told(projects, each)
        webhooks.give_up(dead)
        after = webhooks.told(projects, each)
    return (before + after) / 2, beside


def _latency() -> float:
    with receiving(0) as port:
        project = webhooks.shop(port)
        webhooks.told([project], 1)
        return webhooks.latency(project, port, a_second=A_SECOND, seconds=SECONDS)


if __name__ == "__main__":
    sys.exit(main())
