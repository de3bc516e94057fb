"""Taking each record once, and remembering how far the consumers have come."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from promo.ids import parse
from promo.tenancy.models import Project
from webhooks.models import BusRecord
from webhooks.services.batches import delete_batch

_REMEMBER = """
INSERT INTO webhooks_busrecord
  (project_id, topic, partition, "offset", ce_id, ce_source, is_dead, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id
"""
_NOTE = """
INSERT INTO webhooks_busposition AS p
  (project_id, kind, topic, partition, committed, "end", stuck_at, noted_at)
SELECT %s, g.kind, g.topic, g.partition, g.committed, g.ending,
  CASE WHEN g.committed < g.ending THEN %s::timestamptz END, %s::timestamptz
FROM unnest(%s::text[], %s::text[], %s::int[], %s::bigint[], %s::bigint[])
  AS g (kind, topic, partition, committed, ending)
ON CONFLICT (project_id, topic, partition) DO UPDATE SET
  committed = excluded.committed, "end" = excluded."end",
  noted_at = excluded.noted_at,
  stuck_at = CASE WHEN p.committed = excluded.committed AND p.committed < p."end"
    THEN least(p.stuck_at, excluded.stuck_at) ELSE excluded.stuck_at END
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands, and what it calls itself."""

    topic: str
    partition: int
    offset: int
    ce_id: str = ""
    ce_source: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a partition has been read, and how far it goes."""

    kind: str
    topic: str
    partition: int
    committed: int
    end: int


@transaction.atomic
def take_once(
    project: Project, place: Place, do: Callable[[], None], *, now: datetime
) -> bool:
    """Do what a record asks for, unless that has been done; return whether it was.

    Whoever takes the same record at the same moment waits for this transaction.
    """
    if not _remember(project, place, now, is_dead=False):
        return False
    do()
    return True


def bury(project: Project, place: Place, *, now: datetime) -> None:
    """Remember that a record stands among the dead letters."""
    _remember(project, place, now, is_dead=True)


def is_buried(project: Project, place: Place) -> bool:
    """Say whether a record of this very place has been given up."""
    return BusRecord.objects.filter(
        project=project,
        topic=place.topic,
        partition=place.partition,
        offset=place.offset,
        is_dead=True,
    ).exists()


def note_positions(
    project: Project, positions: Sequence[Position], *, now: datetime
) -> None:
    """Remember how far partitions have been read, with one statement."""
    if not positions:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            [
                parse("proj_", project.pk),
                now,
                now,
                [each.kind for each in positions],
                [each.topic for each in positions],
                [each.partition for each in positions],
                [each.committed for each in positions],
                [each.end for each in positions],
            ],
        )


def forget_old_records(now: datetime) -> int:
    """Forget old records, at most a batch at once; return how many."""
    before = now - timedelta(days=settings.KAFKA_INGEST_DAYS)
    old = BusRecord.objects.filter(created_at__lt=before).order_by("created_at")
    return delete_batch(old)


def _remember(project: Project, place: Place, now: datetime, *, is_dead: bool) -> bool:
    # A dead letter that is sent anew carries its id again.
    named = ("", "") if is_dead else (place.ce_id, place.ce_source)
    with connection.cursor() as cursor:
        cursor.execute(
            _REMEMBER,
            [
                parse("proj_", project.pk),
                place.topic,
                place.partition,
                place.offset,
                *named,
                is_dead,
                now,
            ],
        )
        return cursor.fetchone() is not None
