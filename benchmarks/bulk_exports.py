"""How fast vouchers become a file, beside what the database alone needs for it."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.db import connection, transaction

from promo.tenancy.models import Project
from redemptions.models import Export
from redemptions.services.export import create_export, delete_export
from redemptions.services.export_run import run_export

ROUNDS = 3
#: The columns of an export that names none, as they are stored: nothing made of them.
_STORED = """
COPY (
  SELECT v.code, v.type, v.discount ->> 'percent_off', v.discount ->> 'type'
  FROM campaigns_voucher v
  LEFT JOIN campaigns_campaign c ON c.id = v.campaign_id
  WHERE v.project_id = %s AND v.deleted_at IS NULL AND c.deleted_at IS NULL
  ORDER BY v.created_at DESC, v.id DESC
) TO STDOUT (FORMAT csv)
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """Rows a second: of the whole export, and of the database's own copy."""

    rows: int
    export: float
    copy: float

    @property
    def ratio(self) -> float:
        """How much of the copy's speed the export reaches."""
        return self.export / self.copy


def measure_exports(project: Project, *, now: datetime) -> Exported:
    """Export all vouchers of ``project`` both ways, in turn; the medians count."""
    rounds = [
        (_timed(lambda: _export(project, now)), _timed(lambda: _copy(project)))
        for _ in range(ROUNDS + 1)
    ]
    # The first round reads what is not in memory yet.
    exports, copies = zip(*rounds[1:], strict=True)
    rows = project.vouchers.alive().count()
    return Exported(rows, rows / median(exports), rows / median(copies))


def _timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _export(project: Project, now: datetime) -> None:
    made = create_export(project=project, exported_object="voucher", now=now)
    run_export(made.pk, now=now)
    done = Export.objects.get(pk=made.pk)
    if done.status != "DONE" or not done.rows:
        msg = f"the export ended as {done.status}"
        raise RuntimeError(msg)
    delete_export(done, now=now)


def _copy(project: Project) -> None:
    key = project._meta.pk.get_db_prep_value(project.pk, connection)
    with (
        tempfile.TemporaryFile() as file,
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.cursor.copy(_STORED, [key]) as lines,
    ):
        for line in lines:
            file.write(line)
