"""Storing many profiles at once, row by row right or wrong.

Source: data specification, "Identity and upsert", "CSV imports", "Bulk updates".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from customers import events
from customers.models import Customer
from customers.services.named import named_customers
from customers.services.profile import change_profile
from customers.services.rendering import full_customer
from customers.services.upsert import CustomerDraft, new_customer
from promo.errors import PromoError
from promo.ids import show
from promo.jobs.rows.work import Row, RowResult, refused
from promo.outbox.events import emit
from promo.row_writer import RowWriter
from promo.tenancy.models import Project

_WRITER = RowWriter(Customer)

Draft = tuple[Row, CustomerDraft]


@dataclass(slots=True)
class _Plan:
    """What rows lead to; customers are by id and by source id."""

    by_id: dict[str, Customer]
    by_source: dict[str, Customer]
    fresh: dict[str, Customer] = field(default_factory=dict)
    changed: dict[str, Customer] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    results: dict[int, RowResult] = field(default_factory=dict)

    def known(self, draft: CustomerDraft) -> Customer | None:
        """Return whom a draft names; the id wins."""
        if draft.id:
            return self.by_id.get(draft.id)
        return self.by_source.get(draft.source_id)


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
        plan = _plan(project, pending, references, now)
        lost = _insert(plan.fresh)
        _store(project, plan, lost, now)
        results |= plan.results
        pending = [
            (row, draft)
            for row, draft in pending
            if not plan.results[row.number].failed
            and (known := plan.known(draft)) is not None
            and known.pk in lost
        ]
    return [results[row.number] for row, _ in drafts]


def _plan(
    project: Project,
    drafts: Sequence[Draft],
    references: Sequence[str],
    now: datetime,
) -> _Plan:
    held = named_customers(project, references, held=True)
    plan = _Plan(
        {row.pk: row for row in held},
        {row.source_id: row for row in held if row.source_id},
    )
    for row, draft in drafts:
        try:
            result = _take(project, plan, row, draft, now)
        except PromoError as why:
            result = refused(row, draft.reference, why)
        plan.results[row.number] = result
    return plan


def _take(
    project: Project,
    plan: _Plan,
    row: Row,
    draft: CustomerDraft,
    now: datetime,
) -> RowResult:
    known = plan.known(draft)
    found = known is not None
    if known is None:
        known = new_customer(project, draft, plan.by_id, now)
        plan.by_source[draft.source_id] = plan.fresh[known.pk] = known
    else:
        names = change_profile(known, draft.values, now=now)
        if names and known.pk not in plan.fresh:
            plan.changed[known.pk] = known
            plan.names.update(names)
    return RowResult(number=row.number, name=draft.reference, found=found, updated=True)


def _insert(fresh: Mapping[str, Customer]) -> set[str]:
    """Insert in the order of source ids; return the ids of those left out."""
    if not fresh:
        return set()
    ordered = sorted(fresh.values(), key=lambda customer: customer.source_id)
    stored = {show("cust_", key) for key in _WRITER.insert_new(ordered)}
    return set(fresh) - stored


def _store(project: Project, plan: _Plan, lost: set[str], now: datetime) -> None:
    if plan.changed:
        _WRITER.update(list(plan.changed.values()), sorted(plan.names))
    created = [one for one in plan.fresh.values() if one.pk not in lost]
    facts = [events.customer_created(full_customer(one)) for one in created]
    facts += [
        events.customer_updated(full_customer(one)) for one in plan.changed.values()
    ]
    emit(project, facts, now=now)
