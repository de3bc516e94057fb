"""Publishing what the bus is owed, in order for each key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction

from promo.ids import show
from promo.metrics.counts import count_published
from promo.outbox.models import SHARDS
from promo.sql_arrays import integers
from webhooks.engine.bus.cloud_event import encode, size_of
from webhooks.models import BusBatch, BusShard
from webhooks.services.bus.producing import Bus, Record
from webhooks.services.bus.told_events import told_events
from webhooks.wire.bus import ToldEvent, cloud_event, key_of, topic_of

#: Events that are published at once, and rows of them that are looked at.
SIZE = 4_000
_MOST_BATCHES = 400

_CLAIM = """
SELECT id FROM webhooks_busshard s
WHERE EXISTS (SELECT FROM webhooks_busbatch b WHERE b.shard = s.id)
ORDER BY random() LIMIT %s FOR UPDATE SKIP LOCKED
"""
_LEAVE = """
UPDATE webhooks_busbatch b SET "left" = g.places
FROM (SELECT id, array_agg(place ORDER BY place) AS places
      FROM unnest(%s::bigint[], %s::int[]) AS u (id, place) GROUP BY id) g
WHERE b.id = g.id
"""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Published:
    """How many events the brokers have taken, and how many they have not."""

    taken: int = 0
    refused: int = 0


@dataclass(slots=True)
class _Owed:
    """One event that is owed: the row and place where that stands."""

    batch: BusBatch
    place: int
    id: UUID
    event: ToldEvent | None = None

    @property
    def shown_id(self) -> str:
        return show("ev_", self.id)


@transaction.atomic
def publish_waiting(
    bus: Bus, *, now: datetime, size: int = SIZE, shards: int = SHARDS
) -> Published:
    """Publish the oldest events that are owed, up to ``size``.

    1. Hold up to ``shards`` shards that are owed some and that no other relay holds:
       who holds one is its leader, until the commit or its death.
    2. Send the events in their order. What is too large goes out with an address in
       place of its data.
    3. Strike out what the brokers have said they have. A relay that dies before that
       sends it again, with the same ids.

    Nothing is sent to brokers that are away: ``run_relay`` asks first.
    """
    claimed = _claim(shards)
    owed = _with_events(_owed(claimed, size)) if claimed else []
    there = [place for place, each in enumerate(owed) if each.event is not None]
    sent = bus.send([_record(owed[place], bus) for place in there])
    taken = {there[place] for place in sent.taken}
    bus.refused |= {owed[there[place]].shown_id for place in sent.too_large}
    bus.refused -= {owed[place].shown_id for place in taken}
    gone = set(range(len(owed))).difference(there)
    _strike_out(owed, taken | gone)
    failed = len(there) - len(taken)
    count_published(len(taken), failed=failed)
    return Published(len(taken) + len(gone), failed)


def make_shards() -> None:
    """Make the rows that relays hold, as far as they are missing."""
    BusShard.objects.bulk_create(
        [BusShard(pk=number) for number in range(SHARDS)], ignore_conflicts=True
    )


def _claim(shards: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [shards])
        return [shard for (shard,) in cursor.fetchall()]


def _owed(shards: Sequence[int], size: int) -> list[_Owed]:
    """Return what shards are owed, the oldest first."""
    batches = BusBatch.objects.filter(shard__in=shards).order_by("id")[:_MOST_BATCHES]
    owed = list[_Owed]()
    for batch in batches:
        owed += _of_batch(batch)
        if len(owed) >= size:
            break
    return owed


def _of_batch(batch: BusBatch) -> Iterator[_Owed]:
    places = range(len(batch.events)) if batch.left is None else batch.left
    for place in places:
        yield _Owed(batch, place, batch.events[place])


def _with_events(owed: list[_Owed]) -> list[_Owed]:
    """Give what is owed its events; those that are kept no longer stay without."""
    if not owed:
        return owed
    since = min(each.batch.since for each in owed)
    until = max(each.batch.until for each in owed)
    found = told_events([each.id for each in owed], since, until)
    for each in owed:
        each.event = found.get(each.id)
    gone = sum(each.event is None for each in owed)
    if gone:
        log.warning("bus_events_gone", count=gone)
    return owed


def _record(owed: _Owed, bus: Bus) -> Record:
    """Return the record of an event, with its data if that fits."""
    event = owed.event
    assert event is not None  # noqa: S101 - only those that are there are sent
    sequence = f"{owed.batch.pk:019d}{owed.place:05d}"
    topic, key = topic_of(event), key_of(event).encode()
    mode = settings.KAFKA_EVENTS_MODE
    if event.id not in bus.refused:
        headers, value = encode(cloud_event(event, sequence=sequence), mode)
        if size_of(key, headers, value) <= settings.KAFKA_MAX_BYTES:
            return Record(topic, key, headers, value)
    bare = cloud_event(event, sequence=sequence, whole=False)
    return Record(topic, key, *encode(bare, mode))


def _strike_out(owed: Sequence[_Owed], done: set[int]) -> None:
    """Keep of each row what is still owed, with two statements."""
    left: dict[int, list[int]] = {each.batch.pk: [] for each in owed}
    for place, each in enumerate(owed):
        if place not in done:
            left[each.batch.pk].append(each.place)
    emptied = [batch for batch, places in left.items() if not places]
    if emptied:
        BusBatch.objects.filter(pk__in=emptied).delete()
    kept = [(batch, place) for batch, places in left.items() for place in places]
    if kept and done:
        with connection.cursor() as cursor:
            cursor.execute(
                _LEAVE,
                [integers(batch for batch, _ in kept), integers(p for _, p in kept)],
            )
