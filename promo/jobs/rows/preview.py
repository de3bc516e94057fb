"""What would come of a file, shown before anything of it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from promo.jobs.models import AsyncAction
from promo.jobs.rows.csv_records import csv_records
from promo.jobs.rows.step import header_of, read_batch, write_rows
from promo.jobs.rows.uploads import open_upload
from promo.jobs.rows.work import work_of

PREVIEWED = 20


@dataclass(frozen=True, slots=True)
class PreviewedColumn:
    """A column of the file, and the field or metadata key that it fills."""

    title: str
    meaning: str


@dataclass(frozen=True, slots=True)
class PreviewedRow:
    """A row of the file; ``problem`` is empty where it would be taken."""

    number: int
    cells: Sequence[str]
    problem: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The columns and first rows of a file."""

    columns: Sequence[PreviewedColumn]
    rows: Sequence[PreviewedRow]
    refused: int


def preview(action: AsyncAction, *, now: datetime) -> Preview:
    """Return the columns and first rows of a CSV draft; nothing of them is kept.

    Raises:
        PromoError: the file has no meaning, or the work must not begin.
    """
    work = work_of(action.type)
    work.begin(action)
    batch = read_batch(action, work, PREVIEWED)
    with transaction.atomic():
        results = [*batch.failed, *write_rows(action, work, batch.rows, now)]
        transaction.set_rollback(True)
    problems = {one.number: one.reason for one in results if one.failed}
    records = csv_records(lambda at: open_upload(action, at), 0)
    header, _ = header_of(next(records, None))
    rows = [
        PreviewedRow(
            number, _filled(record.cells, len(header)), problems.get(number, "")
        )
        for number, record in zip(range(1, batch.number + 1), records, strict=False)
    ]
    chosen = action.arguments.get("columns")
    columns = [] if work.columns is None else work.columns.meanings(header, chosen)
    return Preview(
        [PreviewedColumn(*each) for each in zip(header, columns, strict=True)],
        rows,
        len(problems),
    )


def _filled(cells: Sequence[str], width: int) -> list[str]:
    """Return exactly ``width`` cells, whatever the row has."""
    return [*cells[:width], *[""] * (width - len(cells))]
