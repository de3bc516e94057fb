"""Taking customers in by the row: a CSV file, a bulk update, metadata for many.

Source: data specification, "CSV imports" and "Bulk updates".
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.db.models import QuerySet

from customers.models import Customer
from customers.models.customer import ID_PREFIX
from customers.services.import_undo import undo_customers
from customers.services.profile import check_source_id, given_profile
from customers.services.row_profiles import write_profiles
from customers.services.staged_profiles import LeftOut, StagedProfile, write_staged
from customers.services.upsert import CustomerDraft, named_like_id
from promo.errors import PromoError, ResourceNotFound
from promo.ids import parse_or_none
from promo.jobs.models import AsyncAction
from promo.jobs.rows.cells import RowRefused, day, metadata_from, text
from promo.jobs.rows.columns import Column, CsvColumns
from promo.jobs.rows.work import Row, RowResult, RowWork, refused
from promo.tenancy.models import Project

_ADDRESS = ("city", "state", "line_1", "line_2", "country", "postal_code")
_PROFILE = ("name", "email", "phone", "description")
_DAYS = ("birthdate", "birthday")


def _columns() -> CsvColumns:
    known = {name: Column(name, text) for name in ("id", "source_id", *_PROFILE)}
    known |= {name: Column(name, day) for name in _DAYS}
    for name in _ADDRESS:
        column = Column(f"address.{name}", text)
        known |= {f"address_{name}": column, name: column}
    return CsvColumns(known)


class CustomersCsv(RowWork):
    """A file of whole profiles: what stands there replaces what is known."""

    label = "customer(s)"
    title = "Customers"
    permission = "customers.modify"
    columns: ClassVar[CsvColumns | None] = _columns()
    undo_kind = "CUSTOMERS.IMPORT_UNDO"
    undo_permission = "customers.delete"
    undo_prefix = ID_PREFIX
    batch = 10_000

    def made(self, action: AsyncAction) -> QuerySet[Customer]:
        """Return the customers among which those are that rows make."""
        return action.project.customers.all()

    def undo(
        self, action: AsyncAction, ids: Sequence[str], *, now: datetime
    ) -> dict[str, tuple[str, str]]:
        """Delete customers that nothing has happened to."""
        return undo_customers(action.project, ids, now=now)

    def name_of(self, row: Row) -> str:
        """Return the source id of a row, else the id."""
        return super().name_of(row) or str(row.values.get("id") or "")

    def write(
        self, action: AsyncAction, rows: Sequence[Row], *, now: datetime
    ) -> list[RowResult]:
        """Make profiles what their rows say; of one person the last row counts."""
        read = partial(_whole_profile, action.project)
        drafts, failed = self.drafts(rows, read)
        profiles = list(dict(drafts).values())
        left_out = write_staged(action.project, profiles, now=now)
        return failed + [
            refused(row, self.name_of(row), reason)
            for row in rows
            if (reason := _left_out(row, left_out)) is not None
        ]


def _left_out(row: Row, left_out: LeftOut) -> PromoError | None:
    """Return why a row was left out by what is stored, None where it was not."""
    if row.number in left_out.unknown:
        return ResourceNotFound("customer", row.values["id"])
    return named_like_id() if row.number in left_out.taken else None


def _whole_profile(project: Project, row: Row) -> tuple[str, StagedProfile]:
    """Return what the row is known by, and all of its profile, checked."""
    cells = row.values
    shown_id, source_id = cells.get("id") or "", cells.get("source_id") or ""
    if not shown_id and not source_id:
        raise RowRefused("The row has neither id nor source_id")
    known_id = parse_or_none("cust_", shown_id) if shown_id else None
    if shown_id and known_id is None:
        raise ResourceNotFound("customer", shown_id)
    check_source_id(source_id)
    address = {
        name: cell for name in _ADDRESS if (cell := cells.get(f"address.{name}"))
    }
    values = {name: cells.get(name) for name in (*_PROFILE, *_DAYS)}
    values["address"] = address or None
    values["metadata"] = metadata_from(project, "customer", row.metadata)
    profile = given_profile(project, values, address=None, metadata={})
    staged = StagedProfile(
        number=row.number,
        known_id=known_id,
        source_id="" if shown_id else source_id,
        **profile,
    )
    return shown_id or source_id, staged


class CustomersBulk(RowWork):
    """Profiles by their source ids; what is not sent stays."""

    label = "customer(s)"
    reports_all = True

    def given(self, action: AsyncAction, row: Row) -> dict[str, Any]:
        """Return the profile of a row, with dates for what JSON has as text."""
        values = dict(row.values)
        for name in _DAYS:
            if values.get(name):
                values[name] = day(values[name])
        return values

    def write(
        self, action: AsyncAction, rows: Sequence[Row], *, now: datetime
    ) -> list[RowResult]:
        """Change what rows give."""
        drafts = [
            (
                row,
                CustomerDraft(
                    source_id=row.values["source_id"], values=self.given(action, row)
                ),
            )
            for row in rows
        ]
        return write_profiles(action.project, drafts, now=now)


class CustomersMetadata(CustomersBulk):
    """The same metadata for many source ids."""

    def given(self, action: AsyncAction, row: Row) -> dict[str, Any]:
        """Return the metadata that all rows get."""
        return {"metadata": action.arguments["metadata"]}
