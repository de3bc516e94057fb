"""Taking back what an import has made, as far as nobody has used it.

An import notes which objects it makes, in the transaction that makes them. Taking back
is work of its own: it goes through these, batch by batch, and reports what stays.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from promo.errors import BadRequest
from promo.jobs.actions import enqueue
from promo.jobs.models import AsyncAction, ImportedRow, ReportRow
from promo.jobs.rows.work import RowWork, is_row_work, work_of

#: What the import says of its being taken back: the id of that work.
UNDONE = "undone_by"
_IN_USE = "resource_in_use"


def note_made(action: AsyncAction, ids: Sequence[str]) -> None:
    """Note what a step of an import has made, by ids as the API shows them."""
    ImportedRow.objects.bulk_create(
        [ImportedRow(action=action, object_id=one) for one in ids],
        ignore_conflicts=True,
    )


def can_be_undone(action: AsyncAction) -> bool:
    """Say whether an import has ended, made something, and is not taken back yet."""
    if action.finished_at is None or not is_row_work(action.type):
        return False
    if not work_of(action.type).undo_kind or UNDONE in action.result:
        return False
    return ImportedRow.objects.filter(action=action).exists()


@transaction.atomic
def undo_import(action: AsyncAction, *, now: datetime) -> AsyncAction:
    """Have a worker take back what an import has made; return that work.

    The import is over from then on: it cannot go on.

    Raises:
        BadRequest: ``invalid_async_action``: it runs, made nothing that could be taken
            back, or is being taken back.
    """
    held = AsyncAction.objects.select_for_update().get(pk=action.pk)
    if not can_be_undone(held):
        details = "Nothing of it can be taken back"
        raise BadRequest("invalid_async_action", "Invalid async action", details)
    work = work_of(held.type)
    undo = enqueue(
        project=held.project,
        kind=work.undo_kind,
        arguments={"import_id": held.pk, "kind": held.type},
        now=now,
    )
    made = ImportedRow.objects.filter(action=held).count()
    undo.progress = {"done": 0, "total": made}
    undo.save(update_fields=["progress"])
    held.result = held.result | {UNDONE: undo.pk}
    held.save(update_fields=["result"])
    return undo


def undo_step(action: AsyncAction, *, now: datetime) -> bool:
    """Take back the next objects of an import; return whether it is complete."""
    work = work_of(action.arguments["kind"])
    rows = ImportedRow.objects.filter(action=action.arguments["import_id"])
    after = action.progress.get("after", 0)
    batch = list(rows.filter(pk__gt=after).order_by("pk")[: work.undo_batch])
    ids = [row.object_id for row in batch]
    stays = work.undo(action, ids, now=now) if ids else {}
    _note(action, work, batch, stays)
    return len(batch) < work.undo_batch


def _note(
    action: AsyncAction,
    work: RowWork,
    batch: Sequence[ImportedRow],
    stays: Mapping[str, tuple[str, str]],
) -> None:
    """Write down how far it is, and what stays: its name, and why."""
    seen = action.progress.get("done", 0)
    ReportRow.objects.bulk_create(
        ReportRow(
            action=action,
            number=seen + place,
            name=stays[row.object_id][0][:255],
            error_key=_IN_USE,
            reason=stays[row.object_id][1],
        )
        for place, row in enumerate(batch, 1)
        if row.object_id in stays
    )
    done = action.result.get("done_count", 0) + len(batch) - len(stays)
    left = action.result.get("failed_count", 0) + len(stays)
    last: dict[str, Any] = {"after": batch[-1].pk} if batch else {}
    action.progress = action.progress | {"done": seen + len(batch)} | last
    action.result = {
        "message": f"{done} {work.label} taken back, {left} in use and kept.",
        "done_count": done,
        "failed_count": left,
    }
