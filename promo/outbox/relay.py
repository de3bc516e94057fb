"""Handing recorded events to whoever listens, in order where order matters."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from promo.metrics.counts import count_relayed
from promo.outbox.models import SHARDS, DomainEvent, Shard

BATCH_SIZE = 500

_CLAIM = """
SELECT id FROM outbox_shard s
WHERE EXISTS (SELECT FROM outbox_domainevent e
              WHERE e.published_at IS NULL AND e.shard = s.id)
ORDER BY random() LIMIT %s FOR UPDATE SKIP LOCKED
"""


@transaction.atomic
def publish_batch(
    *, now: datetime, size: int = BATCH_SIZE, shards: int = SHARDS
) -> int:
    """Tell every subscriber the oldest unpublished events; return how many.

    1. Take up to ``shards`` shards that have some and that no other relay holds: what
       comes later of the same keys waits for this transaction.
    2. Hand the events to each subscriber inside this transaction: what it writes counts
       only together with the mark, so a relay that dies repeats the whole batch.
    3. Mark them published.
    """
    claimed = _claim(shards)
    if not claimed:
        return 0
    waiting = DomainEvent.objects.filter(published_at=None, shard__in=claimed)
    events = list(waiting.select_related("project").order_by("id")[:size])
    if not events:
        return 0
    for subscriber in settings.EVENT_SUBSCRIBERS:
        import_string(subscriber)(events, now=now)
    _mark(events, now)
    transaction.on_commit(partial(count_relayed, len(events)), robust=True)
    return len(events)


def make_shards() -> None:
    """Make the rows that relays hold, as far as they are missing."""
    Shard.objects.bulk_create(
        [Shard(pk=number) for number in range(SHARDS)], ignore_conflicts=True
    )


def _claim(shards: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [shards])
        claimed = [shard for (shard,) in cursor.fetchall()]
        if claimed or Shard.objects.exists():
            return claimed
        make_shards()
        cursor.execute(_CLAIM, [shards])
        return [shard for (shard,) in cursor.fetchall()]


def _mark(events: Sequence[DomainEvent], now: datetime) -> None:
    """Mark events published; their moments say which months to look into."""
    moments = [event.created_at for event in events]
    told = DomainEvent.objects.filter(
        pk__in=[event.pk for event in events],
        created_at__gte=min(moments),
        created_at__lte=max(moments),
    )
    told.update(published_at=now)
