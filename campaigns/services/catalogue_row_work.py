"""Taking products and SKUs in by the row: CSV files, bulk updates, metadata for many.

Source: data specification, "CSV imports" and "Bulk updates".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from campaigns.services.catalogue_rows import (
    Draft,
    ProductShelf,
    SkuShelf,
    store_drafts,
)
from promo.jobs.models import AsyncAction
from promo.jobs.rows.cells import (
    Cell,
    RowRefused,
    json_object,
    metadata_from,
    money,
    names,
    text,
)
from promo.jobs.rows.columns import Column, CsvColumns
from promo.jobs.rows.work import Row, RowResult, RowWork

_SOURCE_ID, _NAME, _ADDRESS, _ATTRIBUTE = 255, 1_000, 2_000, 255
_ATTRIBUTES = 100
#: What the file changes of a SKU that is known.
_OF_KNOWN_SKU = ("sku", "price")


def _up_to(longest: int) -> Cell:
    """Return what reads a text of so many characters."""

    def read(cell: str) -> str:
        if len(cell) > longest:
            raise RowRefused(f"must not be longer than {longest} characters")
        return text(cell)

    return read


def _price(cell: str) -> int:
    """Return a price of major units in minor ones."""
    found = money(cell)
    if found < 0:
        raise RowRefused(f"'{cell}' must not be negative")
    return found


def _attributes(cell: str) -> list[str]:
    found = names(cell)
    if len(found) > _ATTRIBUTES:
        raise RowRefused(f"must not be more than {_ATTRIBUTES} names")
    if any(len(name) > _ATTRIBUTE for name in found):
        raise RowRefused(f"a name must not be longer than {_ATTRIBUTE} characters")
    return found


class ProductsCsv(RowWork):
    """A file of products; of those that are known it changes name and metadata."""

    label = "product(s)"
    title = "Products"
    permission = "products.create"
    columns: ClassVar[CsvColumns | None] = CsvColumns(
        {
            "name": Column("name", _up_to(_NAME)),
            "source_id": Column("source_id", _up_to(_SOURCE_ID)),
            "price": Column("price", _price),
            "attributes": Column("attributes", _attributes),
            "image_url": Column("image_url", _up_to(_ADDRESS)),
        },
        required=["name"],
    )

    def write(
        self, action: AsyncAction, rows: Sequence[Row], *, now: datetime
    ) -> list[RowResult]:
        """Make products of rows, or rename those they name."""
        drafts, failed = self.drafts(rows, partial(_product_draft, action))
        stored = store_drafts(ProductShelf(action.project, now), drafts)
        return [*failed, *stored]


def _product_draft(action: AsyncAction, row: Row) -> Draft:
    given = row.values
    if not given["name"]:
        raise RowRefused("The row has no name")
    changes: dict[str, Any] = {"name": given["name"]}
    if row.metadata:
        metadata = metadata_from(action.project, "product", row.metadata)
        changes["metadata"] = metadata
    return Draft(
        row=row,
        source_id=given.get("source_id") or "",
        values={**given, **changes},
        changes=changes,
    )


class SkusCsv(RowWork):
    """A file of SKUs; of those that are known it changes ``sku`` and price."""

    label = "SKU(s)"
    title = "SKUs"
    permission = "products.create"
    name_field = None
    columns: ClassVar[CsvColumns | None] = CsvColumns(
        {
            "product_id": Column("product_id", _up_to(_SOURCE_ID)),
            "source_id": Column("source_id", _up_to(_SOURCE_ID)),
            "sku": Column("sku", _up_to(_NAME)),
            "price": Column("price", _price),
            "image_url": Column("image_url", _up_to(_ADDRESS)),
            "attributes": Column("attributes", json_object),
        },
        required=["product_id", "source_id"],
    )

    def write(
        self, action: AsyncAction, rows: Sequence[Row], *, now: datetime
    ) -> list[RowResult]:
        """Make SKUs of rows, or change those they name."""
        drafts, failed = self.drafts(rows, partial(_sku_draft, action))
        product_ids = {draft.values["product_id"] for draft in drafts}
        shelf = SkuShelf(action.project, product_ids, now)
        return [*failed, *store_drafts(shelf, drafts)]


def _sku_draft(action: AsyncAction, row: Row) -> Draft:
    given = row.values
    for name in ("product_id", "source_id"):
        if not given[name]:
            raise RowRefused(f"The row has no {name}")
    metadata = metadata_from(action.project, "product", row.metadata)
    return Draft(
        row=row,
        source_id=given["source_id"],
        values={**given, "metadata": metadata},
        changes={name: given[name] for name in _OF_KNOWN_SKU if name in given},
    )


class ProductsBulk(RowWork):
    """Products by their source ids; what is not sent stays."""

    label = "product(s)"
    reports_all = True

    def write(
        self, action: AsyncAction, rows: Sequence[Row], *, now: datetime
    ) -> list[RowResult]:
        """Change what rows give."""
        drafts = [self._draft(row, self.given(action, row)) for row in rows]
        return store_drafts(ProductShelf(action.project, now), drafts)

    def given(self, action: AsyncAction, row: Row) -> Mapping[str, Any]:
        """Return what a row changes."""
        return row.values

    def _draft(self, row: Row, given: Mapping[str, Any]) -> Draft:
        source_id = row.values["source_id"]
        return Draft(row=row, source_id=source_id, values=given, changes=given)


class ProductsMetadata(ProductsBulk):
    """The same metadata for many source ids."""

    def given(self, action: AsyncAction, row: Row) -> Mapping[str, Any]:
        """Return the metadata that all rows get."""
        return {"metadata": action.arguments["metadata"]}
