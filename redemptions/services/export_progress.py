"""How far the file of an export is, while a worker writes it."""

from django.db import connection

from promo.ids import parse
from redemptions.models import Export
from redemptions.models.export import EXPORT_PREFIX

# Whoever makes a file holds its export; PostgreSQL tells of the copies that run.
_WRITTEN = """
SELECT p.tuples_processed FROM pg_locks l
JOIN pg_stat_progress_copy p ON p.pid = l.pid
WHERE l.locktype = 'advisory' AND l.objsubid = 1
  AND ((l.classid::bigint << 32) | l.objid::bigint) = (
    SELECT hashtextextended(e.id::text, 7072) FROM redemptions_export e
    WHERE e.id = %s)
"""


def rows_written(export: Export) -> int | None:
    """Return how many rows of the file are written; None where nobody writes it now."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN, [parse(EXPORT_PREFIX, export.pk)])
        found = cursor.fetchone()
    return int(found[0]) if found else None
