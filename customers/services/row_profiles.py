"""Storing many profiles at once, row by row right or wrong.

Source: data specification, "Identity and upsert", "CSV imports", "Bulk updates".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from customers.models import Customer
from customers.services.named import named_customers
from customers.services.upsert import Applied, CustomerDraft
from promo.errors import PromoError
from promo.ids import show
from promo.jobs.rows.work import Row, RowResult, refused
from promo.row_writer import RowWriter
from promo.tenancy.models import Project

_WRITER = RowWriter(Customer)

Draft = tuple[Row, CustomerDraft]


def write_profiles(
    project: Project, drafts: Sequence[Draft], *, now: datetime
) -> list[RowResult]:
    """Create or change customers, row after row; return what came of each.

    Fields that are not given stay. A row that is refused changes nothing. The rows of
    known customers are held from the beginning, in key order; who is inserted by
    somebody else in the meantime is found by a second pass. A constant number of
    statements.
    """
    results: dict[int, RowResult] = {}
    pending = list(drafts)
    while pending:
        references = [draft.reference for _, draft in pending]
        held = named_customers(project, references, held=True)
        applied = Applied.to(project, held)
        taken = {row.number: _take(applied, row, draft, now) for row, draft in pending}
        results |= taken
        lost = _insert(applied.fresh)
        if applied.changed:
            _WRITER.update(list(applied.changed.values()), sorted(applied.fields))
        applied.tell(lost, now)
        pending = [
            (row, draft)
            for row, draft in pending
            if not taken[row.number].failed
            and (known := applied.known(draft)) is not None
            and known.pk in lost
        ]
    return [results[row.number] for row, _ in drafts]


def _take(applied: Applied, row: Row, draft: CustomerDraft, now: datetime) -> RowResult:
    found = applied.known(draft) is not None
    try:
        applied.take(draft, now)
    except PromoError as why:
        return refused(row, draft.reference, why)
    return RowResult(number=row.number, name=draft.reference, found=found, updated=True)


def _insert(fresh: Mapping[str, Customer]) -> set[str]:
    """Insert in the order of source ids; return the ids of those left out."""
    if not fresh:
        return set()
    ordered = sorted(fresh.values(), key=lambda customer: customer.source_id)
    stored = {show("cust_", key) for key in _WRITER.insert_new(ordered)}
    return set(fresh) - stored
