"""Taking customers in by the row: a CSV file, a bulk update, metadata for many.

Source: data specification, "CSV imports" and "Bulk updates".
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from customers.services.row_profiles import Draft, write_profiles
from customers.services.upsert import CustomerDraft
from promo.errors import PromoError
from promo.jobs.models import AsyncAction
from promo.jobs.rows.cells import RowRefused, day, metadata_from, text
from promo.jobs.rows.columns import Column, CsvColumns
from promo.jobs.rows.work import Row, RowResult, RowWork, refused

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

    def write(
        self, action: AsyncAction, rows: Sequence[Row], *, now: datetime
    ) -> list[RowResult]:
        """Make profiles what their rows say."""
        drafts: list[Draft] = []
        failed = []
        for row in rows:
            try:
                drafts.append((row, _whole_profile(action, row)))
            except PromoError as why:
                failed.append(refused(row, "", why))
        written = write_profiles(action.project, drafts, overwrite=True, now=now)
        return [*failed, *written]


def _whole_profile(action: AsyncAction, row: Row) -> CustomerDraft:
    given = row.values
    if not given.get("id") and not given.get("source_id"):
        raise RowRefused("The row has neither id nor source_id")
    address = {name: given.get(f"address.{name}") for name in _ADDRESS}
    values = {name: given.get(name) for name in (*_PROFILE, *_DAYS)}
    values["address"] = {
        name: cell for name, cell in address.items() if cell is not None
    } or None
    values["metadata"] = metadata_from(action.project, "customer", row.metadata)
    return CustomerDraft(
        id=given.get("id") or "", source_id=given.get("source_id") or "", values=values
    )


class CustomersBulk(RowWork):
    """Profiles by their source ids; what is not sent stays."""

    label = "customer(s)"
    reports_all = True

    def write(
        self, action: AsyncAction, rows: Sequence[Row], *, now: datetime
    ) -> list[RowResult]:
        """Change what rows give."""
        drafts = [
            (row, CustomerDraft(source_id=row.values["source_id"], values=_sent(row)))
            for row in rows
        ]
        return write_profiles(action.project, drafts, overwrite=False, now=now)


def _sent(row: Row) -> dict[str, Any]:
    """Return the profile of a JSON row, with dates for what JSON has as text."""
    values = dict(row.values)
    for name in _DAYS:
        if values.get(name):
            values[name] = day(values[name])
    return values


class CustomersMetadata(RowWork):
    """The same metadata for many source ids."""

    label = "customer(s)"
    reports_all = True

    def write(
        self, action: AsyncAction, rows: Sequence[Row], *, now: datetime
    ) -> list[RowResult]:
        """Merge the metadata into the profiles."""
        values = {"metadata": action.arguments["metadata"]}
        drafts = [
            (row, CustomerDraft(source_id=row.values["source_id"], values=values))
            for row in rows
        ]
        return write_profiles(action.project, drafts, overwrite=False, now=now)
