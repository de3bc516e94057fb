"""Taking back what an import has made, as far as nobody has used it.

An import notes which objects it makes, in the transaction that makes them. Taking back
is work of its own: it goes through these, batch by batch, and reports what stays.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from promo.errors import BadRequest
from promo.ids import parse, show
from promo.jobs.actions import enqueue
from promo.jobs.models import AsyncAction, ImportedStep, ReportRow
from promo.jobs.rows.work import RowWork, is_row_work, work_of

#: What the import says of its being taken back: the id of that work.
UNDONE = "undone_by"
_IN_USE = "resource_in_use"
_NOTE = f"""
INSERT INTO {ImportedStep._meta.db_table} (action_id, keys)
SELECT %s, array_agg(made.id ORDER BY made.id) FROM ({{made}}) made (id)
HAVING count(*) > 0
"""  # noqa: S608 - a name of our own


def note_made(
    action: AsyncAction, among: QuerySet[Any], *, since: UUID, now: datetime
) -> None:
    """Note what a step of an import has made: at ``now``, with ids after ``since``.

    The keys of thousands travel no further than the database.
    """
    made = among.filter(created_at=now, pk__gt=since).order_by().values("pk")
    sql, arguments = made.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_NOTE.format(made=sql), [parse("aa_", action.pk), *arguments])


def can_be_undone(action: AsyncAction) -> bool:
    """Say whether an import has ended, made something, and is not taken back yet."""
    if action.finished_at is None or not is_row_work(action.type):
        return False
    if not work_of(action.type).undo_kind or UNDONE in action.result:
        return False
    return ImportedStep.objects.filter(action=action).exists()


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
    sizes = ImportedStep.objects.filter(action=held).values_list("keys__len", flat=True)
    undo.progress = {"done": 0, "total": sum(sizes)}
    undo.save(update_fields=["progress"])
    held.result = held.result | {UNDONE: undo.pk}
    held.save(update_fields=["result"])
    return undo


def undo_step(action: AsyncAction, *, now: datetime) -> bool:
    """Take back the next objects of an import; return whether it is complete."""
    work = work_of(action.arguments["kind"])
    step, place = action.progress.get("step", 0), action.progress.get("place", 0)
    steps = ImportedStep.objects.filter(action=action.arguments["import_id"])
    last = steps.filter(pk__gte=step).order_by("pk").first()
    if last is None:
        return True
    ids = [
        show(work.undo_prefix, key)
        for key in last.keys[place : place + work.undo_batch]
    ]
    stays = work.undo(action, ids, now=now)
    _note(action, work, ids, stays)
    place += len(ids)
    over = place >= len(last.keys)
    action.progress |= {"step": last.pk + over, "place": 0 if over else place}
    return over and not steps.filter(pk__gt=last.pk).exists()


def _note(
    action: AsyncAction,
    work: RowWork,
    ids: Sequence[str],
    stays: Mapping[str, tuple[str, str]],
) -> None:
    """Write down how far it is, and what stays: its name, and why."""
    seen = action.progress.get("done", 0)
    ReportRow.objects.bulk_create(
        ReportRow(
            action=action,
            number=seen + place,
            name=stays[one][0][:255],
            error_key=_IN_USE,
            reason=stays[one][1],
        )
        for place, one in enumerate(ids, 1)
        if one in stays
    )
    done = action.result.get("done_count", 0) + len(ids) - len(stays)
    left = action.result.get("failed_count", 0) + len(stays)
    action.progress = action.progress | {"done": seen + len(ids)}
    action.result = {
        "message": f"{done} {work.label} taken back, {left} in use and kept.",
        "done_count": done,
        "failed_count": left,
    }
