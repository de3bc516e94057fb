"""Storing many products or SKUs at once, row by row right or wrong.

Source: data specification, "Products and SKUs", "CSV imports", "Bulk updates".
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, ClassVar, Generic, TypeVar

from campaigns import events
from campaigns.models import Product, Sku
from campaigns.models.catalogue import (
    PRODUCT_PREFIX,
    SHIPPING_ID,
    SHIPPING_SOURCE_ID,
    SKU_PREFIX,
)
from campaigns.services import product, sku
from campaigns.services.catalogue_lookup import by_name, reference_keys
from campaigns.wire.catalogue import product_as_json, sku_as_json
from promo.errors import Duplicate, PromoError, ResourceInUse, ResourceNotFound
from promo.ids import new_id, parse, show
from promo.jobs.rows.cells import RowRefused
from promo.jobs.rows.work import Row, RowResult, refused
from promo.metadata_schemas.known import changed_metadata
from promo.outbox.events import Event, emit
from promo.row_reader import RowReader
from promo.row_writer import RowWriter
from promo.tenancy.models import Project

M = TypeVar("M", Product, Sku)
Fields = dict[str, Any]

_HELD = " ORDER BY r.id FOR NO KEY UPDATE"
_SHARED = " AND r.deleted_at IS NULL ORDER BY r.id FOR SHARE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A row about the product or SKU that ``source_id`` names; empty is a new one.

    ``values`` are the fields of a new one, ``changes`` those that a known one gets:
    prices are minor units, None empties. Those of a SKU say its ``product_id``, which
    may be a source id.
    """

    row: Row
    source_id: str
    values: Mapping[str, Any]
    changes: Mapping[str, Any]


class Named(Generic[M]):
    """Reading the rows of a table by their ids and source ids, the bin included."""

    def __init__(self, model: type[M], prefix: str) -> None:
        self._reader: RowReader[M] = RowReader(model, "r")
        self._prefix = prefix
        # The text is put together from table and column names of our own models.
        self._sql = (
            f"SELECT {self._reader.columns} FROM {self._reader.table} r "  # noqa: S608
            "WHERE r.project_id = %s "
            "AND (r.id = ANY(%s::uuid[]) OR r.source_id = ANY(%s::text[]))"
        )

    def find(
        self, project: Project, references: Collection[str], lock: str = ""
    ) -> dict[str, M]:
        """Return what is named, by id and source id; what lives goes before the bin."""
        names = set(references)
        if SHIPPING_ID in names:
            names.add(SHIPPING_SOURCE_ID)
        keys: tuple[str, str] = reference_keys(self._prefix, names)
        rows = self._reader.select(
            self._sql + lock, [parse("proj_", project.pk), *keys]
        )
        for row in rows:
            row.project = project
        gone = {row.source_id: row for row in rows if row.deleted_at is not None}
        return gone | by_name(row for row in rows if row.deleted_at is None)


_PRODUCTS: Named[Product] = Named(Product, PRODUCT_PREFIX)
_SKUS: Named[Sku] = Named(Sku, SKU_PREFIX)


class Shelf(Generic[M]):
    """What differs between products and SKUs when rows are stored."""

    resource: ClassVar[str]
    prefix: ClassVar[str]
    named: Named[M]
    writer: RowWriter[M]

    def __init__(self, project: Project, now: datetime) -> None:
        self.project, self.now = project, now

    def new(self, draft: Draft) -> M:
        """Return what a row makes, not stored.

        Raises:
            PromoError: the row cannot be taken.
        """
        raise NotImplementedError

    def changes(self, known: M, draft: Draft) -> Fields:
        """Return the fields that ``known`` gets, nothing set yet.

        Raises:
            PromoError: the row cannot be taken.
        """
        raise NotImplementedError

    def binned(self, gone: M) -> PromoError:
        """Return why a row cannot be taken whose source id the bin holds."""
        raise NotImplementedError

    def told(self, row: M, *, is_new: bool) -> Event:
        """Return what is told of a row that has been stored."""
        raise NotImplementedError

    def metadata(self, stored: Mapping[str, Any], sent: Any) -> dict[str, Any]:
        """Return metadata after ``sent`` came in.

        Raises:
            MetadataRefused: the project's schema of products forbids them.
        """
        return changed_metadata(self.project, product.RESOURCE, stored, sent)


class ProductShelf(Shelf[Product]):
    """Products, by their source ids."""

    resource = product.RESOURCE
    prefix = PRODUCT_PREFIX
    named = _PRODUCTS
    writer = RowWriter(Product)

    def new(self, draft: Draft) -> Product:
        """Return a new product."""
        return Product(
            id=new_id(PRODUCT_PREFIX),
            project=self.project,
            source_id=draft.source_id,
            metadata=self.metadata({}, draft.values.get("metadata") or {}),
            created_at=self.now,
            **product.stored_fields(draft.values),
        )

    def changes(self, known: Product, draft: Draft) -> Fields:
        """Return the fields that a product gets."""
        fields = product.stored_fields(draft.changes)
        if "metadata" in draft.changes:
            sent = draft.changes["metadata"]
            fields["metadata"] = self.metadata(known.metadata, sent)
        return fields

    def binned(self, gone: Product) -> PromoError:
        """Say that the source id is taken."""
        return Duplicate(self.resource, gone.source_id, by="source_id")

    def told(self, row: Product, *, is_new: bool) -> Event:
        """Return that a product was created or updated."""
        tell = events.product_created if is_new else events.product_updated
        return tell(product_as_json(row))


class SkuShelf(Shelf[Sku]):
    """SKUs, by their source ids; their products are held until the transaction ends."""

    resource = sku.RESOURCE
    prefix = SKU_PREFIX
    named = _SKUS
    writer = RowWriter(Sku)

    def __init__(
        self, project: Project, product_ids: Collection[str], now: datetime
    ) -> None:
        """Read the products that rows name by ids or source ids; one statement."""
        super().__init__(project, now)
        self._products = _PRODUCTS.find(project, product_ids, _SHARED)

    def new(self, draft: Draft) -> Sku:
        """Return a new SKU of the row's product."""
        owner = self._product(draft)
        return Sku(
            id=new_id(SKU_PREFIX),
            project=self.project,
            product=owner,
            source_id=draft.source_id,
            metadata=self.metadata({}, draft.values.get("metadata") or {}),
            created_at=self.now,
            **sku.stored_fields(owner, draft.values),
        )

    def changes(self, known: Sku, draft: Draft) -> Fields:
        """Return the fields that a SKU of the row's product gets."""
        owner = self._product(draft)
        if known.product_id != owner.pk:
            raise self.binned(known)
        return sku.stored_fields(owner, draft.changes)

    def _product(self, draft: Draft) -> Product:
        """Return the product of a row, which declares the attributes that are given.

        Raises:
            ResourceNotFound: there is none.
            RowRefused: it does not declare all of them.
        """
        reference = draft.values["product_id"]
        owner = self._products.get(reference)
        if owner is None:
            raise ResourceNotFound(product.RESOURCE, reference)
        given = draft.values.get("attributes") or {}
        unknown = [name for name in given if name not in owner.attributes]
        if unknown:
            listed = ", ".join(unknown)
            details = f"The product {owner.shown_id} has no attributes [{listed}]"
            raise RowRefused(details)
        return owner

    def binned(self, gone: Sku) -> PromoError:
        """Say whose the source id is."""
        return ResourceInUse.by(
            [gone.product_id],
            product.RESOURCE,
            resource_type=self.resource,
            resource_id=gone.source_id,
        )

    def told(self, row: Sku, *, is_new: bool) -> Event:
        """Return that a SKU was created or updated."""
        tell = events.sku_created if is_new else events.sku_updated
        return tell(sku_as_json(row))


@dataclass(slots=True)
class _Made(Generic[M]):
    """What rows make that nobody knows yet."""

    rows: list[M] = field(default_factory=list)
    by_source: dict[str, M] = field(default_factory=dict)
    #: Every draft that was taken, with what it made or changed.
    drafts: list[tuple[Draft, M]] = field(default_factory=list)


def store_drafts(shelf: Shelf[M], drafts: Sequence[Draft]) -> list[RowResult]:
    """Create or change what rows are about, in their order; say what came of each.

    1. Look up what is known, without holding it.
    2. Insert the rest in the order of source ids. Whom somebody else has inserted
       first is known now.
    3. Hold what is known in key order, and change it. Inserting comes first: so nobody
       who waits to insert holds what another one waits for.

    A row that is refused changes nothing. Five statements, whatever the number of rows.
    """
    results: dict[int, RowResult] = {}
    known = shelf.named.find(shelf.project, _names(drafts))
    made: _Made[M] = _Made()
    waiting = []
    for draft in drafts:
        if draft.source_id in known:
            waiting.append(draft)
        else:
            results[draft.row.number] = _make(shelf, made, draft)
    created, lost = _insert(shelf, made.rows)
    waiting += [draft for draft, row in made.drafts if row.pk in lost]
    changed = _change(shelf, sorted(waiting, key=_place), results)
    told = [shelf.told(row, is_new=True) for row in created]
    told += [shelf.told(row, is_new=False) for row in changed]
    emit(shelf.project, told, now=shelf.now)
    return list(results.values())


def _names(drafts: Iterable[Draft]) -> set[str]:
    return {draft.source_id for draft in drafts if draft.source_id}


_place = attrgetter("row.number")


def _make(shelf: Shelf[M], made: _Made[M], draft: Draft) -> RowResult:
    """Take a row about something new, or about what a row before it makes."""
    known = made.by_source.get(draft.source_id)
    try:
        if known is None:
            row = shelf.new(draft)
        else:
            row = known
            _put(row, shelf.changes(row, draft))
    except PromoError as why:
        return refused(draft.row, draft.source_id, why)
    if known is None:
        made.rows.append(row)
        if draft.source_id:
            made.by_source[draft.source_id] = row
    made.drafts.append((draft, row))
    return _taken(draft, found=known is not None)


def _insert(shelf: Shelf[M], rows: Sequence[M]) -> tuple[list[M], set[str]]:
    """Return which rows were inserted, and the ids of those that were not."""
    if not rows:
        return [], set()
    ordered = sorted(rows, key=attrgetter("source_id"))
    stored = {show(shelf.prefix, key) for key in shelf.writer.insert_new(ordered)}
    created = [row for row in rows if row.pk in stored]
    return created, {row.pk for row in rows if row.pk not in stored}


def _change(
    shelf: Shelf[M], drafts: Sequence[Draft], results: dict[int, RowResult]
) -> list[M]:
    """Change what is known; return what is another than before."""
    if not drafts:
        return []
    held = shelf.named.find(shelf.project, _names(drafts), _HELD)
    changed: dict[str, M] = {}
    names: set[str] = set()
    for draft in drafts:
        try:
            row, fields = _held_fields(shelf, held, draft)
        except PromoError as why:
            results[draft.row.number] = refused(draft.row, draft.source_id, why)
            continue
        new = _put(row, fields)
        names |= new
        if new:
            row.updated_at = shelf.now
            changed[row.pk] = row
        results[draft.row.number] = _taken(draft, found=True)
    if changed:
        shelf.writer.update(list(changed.values()), [*sorted(names), "updated_at"])
    return list(changed.values())


def _held_fields(
    shelf: Shelf[M], held: Mapping[str, M], draft: Draft
) -> tuple[M, Fields]:
    row = held.get(draft.source_id)
    if row is None:
        # Somebody has erased it in this very moment.
        raise ResourceNotFound(shelf.resource, draft.source_id)
    if row.deleted_at is not None:
        raise shelf.binned(row)
    return row, shelf.changes(row, draft)


def _put(row: Product | Sku, fields: Fields) -> set[str]:
    """Set fields; return the names of those that were another before."""
    new = {name for name, value in fields.items() if getattr(row, name) != value}
    for name in new:
        setattr(row, name, fields[name])
    return new


def _taken(draft: Draft, *, found: bool) -> RowResult:
    return RowResult(
        number=draft.row.number, name=draft.source_id, found=found, updated=True
    )
