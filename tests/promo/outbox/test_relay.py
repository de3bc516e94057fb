"""Relays: several at once, each event once, in order where order matters."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connection, transaction

from promo.outbox.backlog import backlog
from promo.outbox.events import Event, emit, key_of, shard_of, shard_sql
from promo.outbox.models import LIFTED, SHARDS, DomainEvent, Shard
from promo.outbox.relay import make_shards, publish_batch
from promo.tenancy.models import Project
from tests.factories.tenancy import NOW, ProjectFactory
from tests.races import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.made_up_events,
]

HEARD: list[tuple[str, str]] = []
#: Where given, whoever hears waits here for another relay that hears as well.
MEETING: list[Barrier] = []


def hear(events: Sequence[DomainEvent], *, now: datetime) -> None:
    for barrier in MEETING:
        try:
            barrier.wait(timeout=20)
        except BrokenBarrierError:
            pytest.fail("No other relay hears at the same time")
    HEARD.extend((event.key, event.entity_id) for event in events)


def stumble(events: Sequence[DomainEvent], *, now: datetime) -> None:
    raise ConnectionError


@pytest.fixture(autouse=True)
def _one_listener(db: None, settings: pytest.FixtureRequest) -> Iterator[None]:
    settings.EVENT_SUBSCRIBERS = [f"{__name__}.hear"]  # type: ignore[attr-defined]
    make_shards()
    yield
    HEARD.clear()
    MEETING.clear()


@pytest.fixture
def project() -> Project:
    made: Project = ProjectFactory.create()
    return made


def tell(project: Project, *numbers: int, keys: int = 1) -> None:
    events = [
        Event(type="x", customer_id=f"cust_{each % keys}", entity_id=str(each))
        for each in numbers
    ]
    with transaction.atomic():
        emit(project, events, now=NOW)


@transaction.atomic
def tell_and_fail(project: Project) -> None:
    tell(project, 1)
    raise ConnectionError


def relay(*, shards: int = SHARDS, size: int = 7) -> int:
    told = 0
    while found := publish_batch(now=NOW, size=size, shards=shards):
        told += found
    return told


def test_of_two_relays_each_hands_out_what_the_other_does_not(
    project: Project,
) -> None:
    tell(project, *range(200), keys=40)
    MEETING.append(Barrier(2))
    half = partial(publish_batch, now=NOW, size=1_000, shards=SHARDS // 2)

    told = at_once(half, half)

    assert all(told)
    assert sum(told) == 200
    assert len(set(HEARD)) == len(HEARD) == 200
    assert backlog().waiting == 0


def test_many_relays_keep_the_order_of_every_key(project: Project) -> None:
    tell(project, *range(300), keys=11)

    told = at_once(*[partial(relay, shards=2)] * 4)

    by_key: dict[str, list[int]] = {}
    for key, number in HEARD:
        by_key.setdefault(key, []).append(int(number))
    assert sum(told) == 300
    assert by_key == {f"cust_{n}": list(range(n, 300, 11)) for n in range(11)}


def test_a_key_whose_relay_is_at_work_is_left_alone(project: Project) -> None:
    tell(project, 1, 2, 3)
    outcomes: list[int] = []

    with transaction.atomic():
        assert publish_batch(now=NOW, size=1) == 1
        at_once(lambda: outcomes.append(publish_batch(now=NOW)))

    assert outcomes == [0]
    assert relay() == 2
    assert [number for _, number in HEARD] == ["1", "2", "3"]


def test_what_was_rolled_back_is_never_told(project: Project) -> None:
    with pytest.raises(ConnectionError):
        tell_and_fail(project)
    tell(project, 2)

    assert relay() == 1
    assert [number for _, number in HEARD] == ["2"]


def test_a_batch_that_a_listener_stumbles_over_is_told_again(
    project: Project, settings: pytest.FixtureRequest
) -> None:
    tell(project, 1, 2)
    settings.EVENT_SUBSCRIBERS = [f"{__name__}.stumble"]  # type: ignore[attr-defined]

    with pytest.raises(ConnectionError):
        publish_batch(now=NOW)

    assert backlog().waiting == 2
    settings.EVENT_SUBSCRIBERS = [f"{__name__}.hear"]  # type: ignore[attr-defined]
    assert relay() == 2


def test_the_backlog_says_how_much_waits_and_since_when(project: Project) -> None:
    assert backlog().lag(NOW) == timedelta()
    tell(project, 1, 2, 3)

    found = backlog()

    assert (found.waiting, found.oldest_at) == (3, NOW)
    assert found.lag(NOW + timedelta(seconds=9)) == timedelta(seconds=9)
    assert found.lag(NOW - timedelta(seconds=9)) == timedelta()


def test_shards_that_are_not_there_are_made(project: Project) -> None:
    Shard.objects.all().delete()
    tell(project, 1)

    assert relay() == 1
    assert Shard.objects.count() == SHARDS


@pytest.mark.parametrize(
    ("event", "key"),
    [
        (Event(type="x", entity_id="v_1"), "v_1"),
        (Event(type="x", entity_id="v_1", customer_id="cust_1"), "cust_1"),
        (
            Event(type="x", entity_id="v_1", payload={"customer": {"id": "cust_2"}}),
            "cust_2",
        ),
        (Event(type="x", entity_id="v_1", payload={"customer": None}), "v_1"),
        (
            Event(
                type="x",
                entity_id="r_1",
                payload={
                    LIFTED: {"redemption": ["customer"]},
                    "redemption": {"customer_id": "cust_3", "customer": None},
                },
            ),
            "cust_3",
        ),
    ],
)
def test_order_holds_by_customer_else_by_what_the_event_is_about(
    event: Event, key: str
) -> None:
    assert key_of(event) == key


@pytest.mark.parametrize("key", ["", "cust_0", "cust_9", "cust_a", "cust_f", "cust_z"])
def test_the_database_finds_the_same_shard(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {shard_sql('%s')}", [key])
        [found] = cursor.fetchone()

    assert found == shard_of(key)
    assert 0 <= found < SHARDS
