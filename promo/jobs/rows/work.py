"""Long work on rows: what a kind of it is, and what came of each row.

A kind is an instance of a class below ``RowWork``; settings name it by the action's
type (``ROW_WORK``), so that the app whose rows they are holds it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from promo.errors import PromoError
from promo.jobs.models import AsyncAction
from promo.jobs.rows.columns import CsvColumns
from promo.tenancy.models import Project

_LONGEST_NAME = 255
_LONGEST_REASON = 1_000

D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Row:
    """One row that could be read.

    ``number`` counts from 1, without the header line. ``values`` are the fields of a
    CSV row by name, None where the cell is empty, or a JSON object as it was sent.
    ``metadata`` are the other cells of a CSV row, as texts.
    """

    number: int
    values: Mapping[str, Any]
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What came of a row; ``reason`` says why it failed, empty where it did not.

    ``name`` is the source id or code that the row is known by. ``found`` and
    ``updated`` are for the report of bulk updates.
    """

    number: int
    name: str = ""
    found: bool | None = None
    updated: bool | None = None
    error_key: str = ""
    reason: str = ""

    @property
    def failed(self) -> bool:
        """Whether nothing of the row was taken."""
        return bool(self.error_key)


def refused(row: Row, name: str, why: PromoError) -> RowResult:
    """Return what came of a row that ``why`` kept out; long texts are cut."""
    return RowResult(
        number=row.number,
        name=name[:_LONGEST_NAME],
        found=None,
        updated=False,
        error_key=why.key,
        reason=_cut(why.details or why.message),
    )


def _cut(reason: str) -> str:
    """Return a reason that does not repeat the whole of a huge cell."""
    if len(reason) <= _LONGEST_REASON:
        return reason
    return f"{reason[:_LONGEST_REASON]}…"


class RowWork:
    """A kind of work on rows. A subclass declares the attributes and ``write``.

    ``columns`` reads a CSV file; None takes JSON objects. ``name_field`` is what the
    API calls the name of a row in its result (``source_id``, ``code``). With
    ``reports_all`` the report lists every row, else those that failed.
    """

    label: ClassVar[str]
    #: What the dashboard calls the import, and who may begin it there; empty for
    #: work that only the API begins.
    title: ClassVar[str] = ""
    permission: ClassVar[str] = ""
    #: What has to be named beside the file, as ``campaign_id``.
    argument_names: ClassVar[Sequence[str]] = ()
    name_field: ClassVar[str | None] = "source_id"
    columns: ClassVar[CsvColumns | None] = None
    reports_all: ClassVar[bool] = False
    #: The type of the work that takes back what this has made, empty where nothing
    #: can; who may have that done, how ids begin, and objects taken back by one step.
    undo_kind: ClassVar[str] = ""
    undo_permission: ClassVar[str] = ""
    undo_prefix: ClassVar[str] = ""
    undo_batch: ClassVar[int] = 1_000
    #: Rows written by one step.
    batch: ClassVar[int] = 2_000

    def check(self, project: Project, arguments: Mapping[str, Any]) -> None:
        """Refuse a file of the dashboard before it is kept, where that has to be.

        Raises:
            PromoError: it says why nothing can come of it.
        """

    def begin(self, action: AsyncAction) -> None:
        """Refuse the whole work before its first row, where that has to be.

        Raises:
            PromoError: the action ends as failed with it.
        """

    def name_of(self, row: Row) -> str:
        """Return what a row is known by, empty where it says nothing."""
        return str(row.values.get(self.name_field or "") or "")

    def drafts(
        self, rows: Sequence[Row], read: Callable[[Row], D]
    ) -> tuple[list[D], list[RowResult]]:
        """Return what ``read`` makes of rows, and what came of those it refuses."""
        drafts, failed = [], []
        for row in rows:
            try:
                drafts.append(read(row))
            except PromoError as why:
                failed.append(refused(row, self.name_of(row), why))
        return drafts, failed

    def write(
        self, action: AsyncAction, rows: Sequence[Row], *, now: datetime
    ) -> list[RowResult]:
        """Store rows, in their order, inside the transaction of the step.

        Return what came of each row; a row that is not named was taken. A constant
        number of statements, whatever the number of rows. What is raised for all of
        them makes the step try smaller parts, down to the single row.
        """
        raise NotImplementedError

    def made(self, action: AsyncAction) -> QuerySet[Any]:
        """Return the rows among which those are that ``write`` makes.

        They have ``created_at``, and ids that grow with time. Only for work that can
        be taken back.
        """
        raise NotImplementedError

    def undo(
        self, action: AsyncAction, ids: Sequence[str], *, now: datetime
    ) -> dict[str, tuple[str, str]]:
        """Take back what was made, unless it is used; return what stays.

        By id: the name, and why. A constant number of statements.
        """
        raise NotImplementedError

    def finish(self, action: AsyncAction, *, now: datetime) -> None:
        """Do what is left when all rows have been taken."""

    def message(self, done: int, failed: int) -> str:
        """Return what the result says in words."""
        return f"{done} {self.label} imported successfully, {failed} failed."


@cache
def work_of(kind: str) -> RowWork:
    """Return the work behind an action's type."""
    work: type[RowWork] = import_string(settings.ROW_WORK[kind])
    return work()


def work_behind(action: AsyncAction) -> RowWork | None:
    """Return the kind of rows of an action, also of one that takes such rows back."""
    kind = action.arguments.get("kind", "") if is_undo(action.type) else action.type
    return work_of(kind) if is_row_work(kind) else None


def is_undo(kind: str) -> bool:
    """Say whether an action of this type takes back an import."""
    return kind.endswith(".IMPORT_UNDO")


def is_row_work(kind: str) -> bool:
    """Say whether an action of this type works on rows."""
    return kind in settings.ROW_WORK
