"""Working through rows, step by step: each step commits its rows with its place.

A killed worker repeats the step from where it began, so nothing is taken twice.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import DataError, IntegrityError, transaction

from promo.errors import PromoError
from promo.ids import new_uuid
from promo.jobs.models import AsyncAction, ReportRow
from promo.jobs.rows.cells import RowRefused
from promo.jobs.rows.columns import Layout, UnreadableFile
from promo.jobs.rows.csv_records import Record, csv_records
from promo.jobs.rows.undo import note_made
from promo.jobs.rows.uploads import drop_upload, open_upload
from promo.jobs.rows.work import Row, RowResult, RowWork, refused, work_of

#: Failed rows that the result itself lists; the report lists all.
LISTED = 1_000
ERRORS_LISTED = 100
_UNSTORABLE = "The row cannot be stored"


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that were read, what kept others out, and where reading goes on."""

    rows: list[Row]
    failed: list[RowResult]
    #: Offset behind the last record, and its number.
    end: int
    number: int
    complete: bool


def row_step(action: AsyncAction, *, now: datetime) -> bool:
    """Take the next rows of an action; return whether it is complete.

    Raises:
        PromoError: the file has no meaning, or the work must not begin.
    """
    work = work_of(action.type)
    if not action.progress.get("begun"):
        work.begin(action)
    batch = read_batch(action, work, work.batch)
    since = new_uuid()
    results = [*batch.failed, *write_rows(action, work, batch.rows, now)]
    if work.undo_kind:
        note_made(action, work.made(action), since=since, now=now)
    note(action, work, batch, results)
    if not batch.complete:
        return False
    work.finish(action, now=now)
    drop_upload(action)
    return True


def read_batch(action: AsyncAction, work: RowWork, most: int) -> Batch:
    """Read up to ``most`` rows behind what the action has taken.

    Raises:
        UnreadableFile: the header line gives rows no meaning.
    """
    offset, number = action.progress.get("done", 0), action.progress.get("row", 0)
    if work.columns is None:
        return _json_batch(action, offset, number, most)
    records = csv_records(lambda at: open_upload(action, at), offset)
    header = action.progress.get("header")
    if header is None:
        first = next(records, None)
        header, offset = header_of(first)
        action.progress = {**action.progress, "header": header}
    layout = work.columns.layout(header, action.arguments.get("columns"))
    taken = list(islice(records, most))
    rows, failed = [], []
    for place, record in enumerate(taken, number + 1):
        try:
            rows.append(_read(layout, place, record))
        except RowRefused as why:
            name = layout.cell(work.name_field or "", record.cells)
            failed.append(refused(Row(place, {}), name, why))
    end = taken[-1].end if taken else offset
    return Batch(rows, failed, end, number + len(taken), len(taken) < most)


def _read(layout: Layout, number: int, record: Record) -> Row:
    if record.problem:
        raise RowRefused(record.problem)
    return Row(number, *layout.read(record.cells))


def header_of(first: Record | None) -> tuple[list[str], int]:
    """Return the header line of a file, and the offset behind it.

    Raises:
        UnreadableFile: there is none, or it cannot be read.
    """
    if first is None:
        details = "The file is empty"
        raise UnreadableFile(details)
    if first.problem:
        raise UnreadableFile(f"The header line cannot be read: {first.problem}")
    return first.cells, first.end


def _json_batch(action: AsyncAction, offset: int, number: int, most: int) -> Batch:
    with open_upload(action, offset) as lines:
        found = [line for line in islice(lines, most) if line.strip()]
    rows = [
        Row(number + place, json.loads(line)) for place, line in enumerate(found, 1)
    ]
    end = offset + sum(map(len, found))
    return Batch(rows, [], end, number + len(found), len(found) < most)


def write_rows(
    action: AsyncAction, work: RowWork, rows: Sequence[Row], now: datetime
) -> list[RowResult]:
    """Have rows written; where the database refuses, in halves, down to one."""
    if not rows:
        return []
    try:
        with transaction.atomic():
            return work.write(action, rows, now=now)
    except (PromoError, IntegrityError, DataError) as why:
        if len(rows) > 1:
            middle = len(rows) // 2
            parts = rows[:middle], rows[middle:]
            return [
                one for part in parts for one in write_rows(action, work, part, now)
            ]
        kept_out = why if isinstance(why, PromoError) else RowRefused(_UNSTORABLE)
        name = str(rows[0].values.get(work.name_field or "") or "")
        return [refused(rows[0], name, kept_out)]


def note(
    action: AsyncAction, work: RowWork, batch: Batch, results: Sequence[RowResult]
) -> None:
    """Write down how far the action is, and what came of the rows of a batch."""
    failed = sorted((one for one in results if one.failed), key=lambda one: one.number)
    taken = batch.number - action.progress.get("row", 0) - len(failed)
    before = action.result
    done = before.get("done_count", 0) + taken
    failures = before.get("failed_count", 0) + len(failed)
    action.progress = action.progress | {
        "begun": True,
        "done": batch.end,
        "row": batch.number,
    }
    name, most = ("errors", ERRORS_LISTED) if work.reports_all else ("failed", LISTED)
    shown = before.get(name, [])
    shown += [_shown(work, one) for one in failed[: most - len(shown)]]
    message = {} if work.reports_all else {"message": work.message(done, failures)}
    action.result = {
        **message,
        name: shown,
        "done_count": done,
        "failed_count": failures,
    }
    _report(action, results if work.reports_all else failed)


def _shown(work: RowWork, one: RowResult) -> dict[str, Any]:
    name = {work.name_field: one.name} if work.name_field else {}
    if work.reports_all:
        return {
            "message": one.reason,
            "details": one.reason,
            "key": one.error_key,
            **name,
        }
    row = {} if work.columns is None else {"row": one.number}
    return {**name, **row, "reason": one.reason}


def _report(action: AsyncAction, results: Iterable[RowResult]) -> None:
    ReportRow.objects.bulk_create(
        ReportRow(
            action=action,
            number=one.number,
            name=one.name[:255],
            found=one.found,
            updated=one.updated,
            error_key=one.error_key,
            reason=one.reason,
        )
        for one in results
    )
