"""Forgetting the counters of windows that are over.

A counter row is a sum of what redemptions name (ADR 0013), kept for the limits of the
days, weeks and months that are running. Nobody compares one that is over: a rollback
of an old redemption lowers it where there is a row, and whoever should ask after all
adds it up again. So it may go as soon as nobody decides in its window any more.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from redemptions.models.counter import WINDOW

_WINDOWS = {"d": timedelta(days=1), "w": timedelta(weeks=1), "m": timedelta(days=31)}
# Requests on their way, clocks that differ, and zones up to a day from UTC.
_KEPT = timedelta(weeks=1)
_BATCH = 1_000
# Rows are taken as they come, and those that somebody holds are left for the next
# run, so nobody waits for one another.
_FORGET = f"""
DELETE FROM redemptions_counter WHERE id = ANY(ARRAY(
  SELECT c.id FROM redemptions_counter c
  JOIN unnest(%(windows)s::text[], %(oldest)s::text[]) AS w (kind, kept)
    ON right(c.bucket, 11) >= w.kind AND right(c.bucket, 11) < w.kept
  WHERE c.bucket ~ '{WINDOW}' LIMIT %(most)s FOR UPDATE OF c SKIP LOCKED))
"""  # noqa: S608 - a text of our own


def forget_past_windows(now: datetime) -> int:
    """Delete a batch of the counters of past windows; return how many there were.

    A window is past a week after its end, in all projects.
    """
    oldest = [f"{kind}{_first_kept(now, kind):%Y-%m-%d}" for kind in _WINDOWS]
    arguments: dict[str, Any] = {
        "windows": list(_WINDOWS),
        "oldest": oldest,
        "most": _BATCH,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, arguments)
        return int(cursor.rowcount)


def _first_kept(now: datetime, kind: str) -> datetime:
    """Return the first day of the earliest window that is kept."""
    return now - _WINDOWS[kind] - _KEPT
