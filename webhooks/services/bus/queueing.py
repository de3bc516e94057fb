"""Owing events to the bus, in the transaction of the outbox's relay."""

from collections.abc import Sequence
from datetime import datetime

from promo.ids import parse
from promo.outbox.models import DomainEvent
from webhooks.models import BusBatch
from webhooks.services.bus.access import is_configured
from webhooks.wire.bus import bus_events


def hear_events(events: Sequence[DomainEvent], *, now: datetime) -> None:
    """Owe the bus ``events``, with one statement: a row for each of their shards.

    The relay holds these shards until it commits, so the rows of one shard get their
    numbers in the order in which events may be published. Without a bus nothing is
    owed.
    """
    if not is_configured():
        return
    told = bus_events()
    by_shard: dict[int, list[DomainEvent]] = {}
    for event in events:
        if event.type in told:
            by_shard.setdefault(event.shard, []).append(event)
    if by_shard:
        BusBatch.objects.bulk_create(
            [_batch(shard, by_shard[shard]) for shard in sorted(by_shard)]
        )


def _batch(shard: int, events: Sequence[DomainEvent]) -> BusBatch:
    moments = [event.created_at for event in events]
    return BusBatch(
        shard=shard,
        events=[parse("ev_", event.pk) for event in events],
        since=min(moments),
        until=max(moments),
    )
