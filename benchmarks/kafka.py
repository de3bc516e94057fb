"""Publishing to Kafka: how many events a second a relay drains.

The brokers are librdkafka's mock cluster, in a process of its own.
"""

import sys
import time
from collections.abc import Sequence

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - Django has to be set up first
from django.db import transaction  # noqa: E402
from django.test import override_settings  # noqa: E402

from promo.clock import utc_now  # noqa: E402
from promo.ids import new_id  # noqa: E402
from promo.outbox.events import Event, emit  # noqa: E402
from promo.outbox.relay import publish_batch  # noqa: E402
from promo.tenancy.models import Organisation, Project  # noqa: E402
from tests.fixtures.kafka import cluster  # noqa: E402
from webhooks.services.bus.backlog import backlog  # noqa: E402
from webhooks.services.bus.producing import Bus  # noqa: E402
from webhooks.services.bus.publishing import make_shards, publish_waiting  # noqa: E402

EVENTS = 100_000
#: Events a second that one relay must drain, and is to.
RATES = MUST, _GOAL = 5_000.0, 10_000.0
_CUSTOMERS = 5_000
_AT_ONCE = 2_000


def drained(events: int = EVENTS) -> tuple[float, float]:
    """Return how many ``events`` a relay publishes a second, and its CPU time of each.

    The CPU time is in microseconds, and hardly depends on what else the machine does.
    """
    with (
        cluster() as brokers,
        override_settings(KAFKA_BOOTSTRAP_SERVERS=brokers.servers),
    ):
        _tell(events)
        bus = Bus()
        try:
            start, busy = time.perf_counter(), time.process_time()
            while publish_waiting(bus, now=utc_now()).taken:
                pass
            took = time.perf_counter() - start
            busy = time.process_time() - busy
        finally:
            bus.close()
        left = backlog(events).waiting
    if left:
        msg = f"{left} of {events} events are still there"
        raise RuntimeError(msg)
    return events / took, busy / events * 1e6


def _tell(events: int) -> None:
    """Record ``events`` of many customers, and let the outbox's relay owe them."""
    make_shards()
    now = utc_now()
    team = Organisation.objects.create(name="Benchmark", created_at=now)
    project = Project.objects.create(organisation=team, name="Bus", created_at=now)
    people = [new_id("cust_") for _ in range(_CUSTOMERS)]
    for first in range(0, events, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, events))
        with transaction.atomic():
            emit(project, _changes(people, numbers), now=now)
    while publish_batch(now=now):
        pass


def _changes(people: Sequence[str], numbers: range) -> list[Event]:
    return [_changed(people[number % len(people)], number) for number in numbers]


def _changed(customer: str, number: int) -> Event:
    shown = {
        "id": customer,
        "object": "customer",
        "source_id": f"customer-{number}",
        "name": f"Customer {number}",
        "email": f"customer-{number}@shop.example",
        "description": "Bought tea, and came back for more of the same. " * 4,
        "address": {"city": "Porto", "country": "Portugal", "line_1": "Rua 1"},
        "metadata": {"tier": "gold", "number": number, "tags": ["tea", "coffee"]},
        "summary": {"redemptions": {"total_redeemed": 3}, "orders": {"total": 7}},
    }
    return Event(
        type="customer.updated",
        entity_id=customer,
        customer_id=customer,
        payload={"customer": shown},
    )


def main() -> int:
    """Measure; return 0 if it is as fast as it must be."""
    call_command("migrate", verbosity=0)
    rate, busy = drained()
    sys.stdout.write(f"{'events to Kafka':<44}{rate:>10.0f} /s, must {MUST:.0f}\n")
    sys.stdout.write(f"{'CPU time of one':<44}{busy:>10.0f} us\n")
    return 0 if rate >= MUST else 1


if __name__ == "__main__":
    sys.exit(main())
