"""What there is to tell, in which order, and what of it is on the bus."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.fixtures.kafka import Got, Kafka
from tests.fixtures.processes import wait_until
from webhooks.services.bus.backlog import backlog

MANY_ROWS = 10_000


def events_to_tell(project: Project, types: Collection[str]) -> dict[str, str]:
    """Return whose each event of these types is, in the order of events."""
    told = DomainEvent.objects.filter(project=project, type__in=types)
    return dict(told.order_by("pk").values_list("pk", "key"))


def one_before_another(keys: Mapping[str, str]) -> dict[str, str]:
    """Return the event of the same key that comes before each event that has one."""
    last, before = dict[str, str](), dict[str, str]()
    for event, key in keys.items():
        if key in last:
            before[event] = last[key]
        last[key] = event
    return before


def wait_until_published() -> None:
    """Wait until the bus is owed nothing of what was handed on to it."""
    wait_until(lambda: backlog(MANY_ROWS).waiting == 0, "everything is published")


def on_the_bus(kafka: Kafka, project: Project, told: Iterable[str]) -> list[Got]:
    """Return what is stored once all that was told is there."""
    topic, all_of_it = f"promo.{project.pk}.events.v1", set(told)
    return kafka.read_until(
        topic, enough=lambda got: {one.headers["ce_id"] for one in got} >= all_of_it
    )


def out_of_order(got: Sequence[Got], told: Iterable[str]) -> list[str]:
    """Return the keys whose events first arrived in another order than committed."""
    keys = dict(DomainEvent.objects.values_list("pk", "key"))
    expected, found = defaultdict(list), defaultdict(list)
    for one in told:
        expected[keys[one]].append(one)
    for one in dict.fromkeys(each.headers["ce_id"] for each in got):
        found[keys[one]].append(one)
    return [key for key, events in expected.items() if found[key] != events]
