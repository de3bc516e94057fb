"""Which column of a file fills what, as a person chose it, and remembering that.

Chosen for a draft; the next file of the same kind begins with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import transaction

from promo.errors import BadRequest
from promo.jobs.models import ActionStatus, AsyncAction, ImportMapping
from promo.jobs.rows.columns import METADATA, SKIPPED, plain
from promo.jobs.rows.csv_records import csv_records
from promo.jobs.rows.step import header_of
from promo.jobs.rows.uploads import open_upload
from promo.jobs.rows.work import work_of
from promo.tenancy.models import Project

#: Where the choice stands among the arguments of an action.
CHOSEN = "columns"
_MOST_COLUMNS = 500
_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """A column of a file, some of its cells, and what it fills by now."""

    title: str
    samples: Sequence[str]
    fills: str


def remembered(project: Project, kind: str) -> dict[str, str]:
    """Return what columns of files of this kind filled the last time, by title."""
    found = ImportMapping.objects.filter(project=project, kind=kind)
    kept: dict[str, str] = found.values_list("columns", flat=True).first() or {}
    return kept


@transaction.atomic
def choose_columns(
    action: AsyncAction, chosen: Mapping[str, str], *, now: datetime
) -> AsyncAction:
    """Have columns of a draft fill what is chosen, by title, and remember it.

    A choice is the header of a known field, ``metadata`` or ``-`` for nothing.

    Raises:
        BadRequest: ``invalid_async_action``: it is no draft any more, or there is no
            such choice.
    """
    held = AsyncAction.objects.select_for_update().get(pk=action.pk)
    if held.status != ActionStatus.DRAFT:
        raise _refused("The work has begun already")
    known = dict(fillable(held.type))
    unknown = [each for each in chosen.values() if each not in known]
    if unknown or len(chosen) > _MOST_COLUMNS:
        raise _refused(f"No column can fill {', '.join(unknown[:1])}")
    columns = {plain(title): fills for title, fills in chosen.items()}
    before = held.arguments.get(CHOSEN) or {}
    held.arguments = held.arguments | {CHOSEN: before | columns}
    held.progress = {k: v for k, v in held.progress.items() if k != "header"}
    held.save(update_fields=["arguments", "progress"])
    _remember(held, columns, now)
    return held


def fillable(kind: str) -> list[tuple[str, str]]:
    """Return what a column may fill: the choice, and how people call it."""
    columns = work_of(kind).columns
    if columns is None:
        return []
    named: dict[str, str] = {}
    for title, column in columns.fields.items():
        named.setdefault(column.name, title)
    found = [(title, title.replace("_", " ")) for title in named.values()]
    if columns.with_metadata:
        found.append((METADATA, "a field of your own"))
    return [*found, (SKIPPED, "nothing")]


def choices(action: AsyncAction) -> list[Choice]:
    """Return the columns of a draft's file and what each fills.

    Raises:
        UnreadableFile: there is no header line.
    """
    columns = work_of(action.type).columns
    if columns is None:
        return []
    records = csv_records(lambda at: open_upload(action, at), 0)
    header, _ = header_of(next(records, None))
    first = [record.cells for record in islice(records, _SAMPLES)]
    chosen = action.arguments.get(CHOSEN) or {}
    return [
        Choice(
            title,
            [row[place] for row in first if place < len(row) and row[place]],
            columns.filled_by(title, chosen),
        )
        for place, title in enumerate(header)
    ]


def _remember(action: AsyncAction, columns: Mapping[str, str], now: datetime) -> None:
    """Keep the choice beside those of other files of the kind."""
    made = {"columns": {}, "updated_at": now}
    ImportMapping.objects.get_or_create(
        project=action.project, kind=action.type, defaults=made
    )
    rows = ImportMapping.objects.select_for_update()
    kept = rows.get(project=action.project, kind=action.type)
    kept.columns, kept.updated_at = kept.columns | columns, now
    kept.save(update_fields=["columns", "updated_at"])


def _refused(details: str) -> BadRequest:
    return BadRequest("invalid_async_action", "Invalid async action", details)
