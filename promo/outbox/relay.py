"""Handing recorded events to whoever listens, in order where order matters."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from promo import ids, sql_arrays
from promo.metrics.counts import count_relayed
from promo.outbox.models import SHARDS, DomainEvent, Shard
from promo.row_reader import RowReader
from promo.tenancy.models import Project

BATCH_SIZE = 500

_CLAIM = """
SELECT id FROM outbox_shard s
WHERE EXISTS (SELECT FROM outbox_domainevent e
              WHERE e.published_at IS NULL AND e.shard = s.id)
ORDER BY random() LIMIT %s FOR UPDATE SKIP LOCKED
"""
_EVENT = RowReader(DomainEvent, "e")
# Of each shard the oldest, which an index has in their order, however many wait.
_WAITING = f"""
SELECT {_EVENT.columns} FROM unnest(%s::int[]) held (shard) CROSS JOIN LATERAL (
  SELECT * FROM {_EVENT.table} one
  WHERE one.published_at IS NULL AND one.shard = held.shard
  ORDER BY one.id LIMIT %s) e
ORDER BY e.id LIMIT %s
"""  # noqa: S608 - names of our own
_MARK = f"""
UPDATE {_EVENT.table} SET published_at = %s
WHERE id = ANY(%s::uuid[]) AND created_at BETWEEN %s AND %s
"""  # noqa: S608 - as above


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
    events = _waiting(claimed, size)
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


def _waiting(shards: Sequence[int], size: int) -> list[DomainEvent]:
    """Return the oldest events of ``shards``, each with its project."""
    events = _EVENT.select(_WAITING, [sql_arrays.integers(shards), size, size])
    projects = Project.objects.in_bulk({event.project_id for event in events})
    for event in events:
        event.project = projects[event.project_id]
    return events


def _mark(events: Sequence[DomainEvent], now: datetime) -> None:
    """Mark events published; their moments say which months to look into."""
    moments = [event.created_at for event in events]
    keys = [ids.parse("ev_", event.pk) for event in events]
    with connection.cursor() as cursor:
        told: list[Any] = [now, sql_arrays.uuids(keys), min(moments), max(moments)]
        cursor.execute(_MARK, told)
