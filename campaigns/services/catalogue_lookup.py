"""Finding what an order names in the catalogue, and the collections it is in.

A constant number of statements, whatever the number of lines and collections.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.db.models import FilteredRelation, Q, QuerySet

from campaigns.engine.filters import CatalogueItem, is_member, parse_collection_filter
from campaigns.models import CollectionType, Product, Sku
from campaigns.models.catalogue import (
    PRODUCT_PREFIX,
    SHIPPING_ID,
    SHIPPING_SOURCE_ID,
    SKU_PREFIX,
)
from customers.services.location_lookup import shapes_named
from promo import sql_arrays
from promo.calendar_windows import Calendar
from promo.comparison import Kind
from promo.errors import InvalidPayload
from promo.filter_grammar import Filter
from promo.geometry import Shape
from promo.ids import parse, parse_or_none
from promo.metadata_schemas.known import known_schemas
from promo.row_reader import RowReader, read_joined
from promo.sql_pipeline import Asked
from promo.tenancy.models import Project

log = structlog.get_logger()

COLLECTION_PREFIX = "pc_"

_PRODUCT = RowReader(Product, "p")
_SKU = RowReader(Sku, "s")
# The texts are put together from table and column names of our own models. Each source
# id is looked up by itself, so that PostgreSQL keeps one plan, which is right for any
# number of them; the index has no empty ones.
_NAMED = """
SELECT {columns} FROM unnest((SELECT %s::text[])) named
CROSS JOIN LATERAL (
  SELECT t.* FROM {table} t
  WHERE t.source_id > '' AND t.source_id = named
    AND t.project_id = %s AND t.deleted_at IS NULL LIMIT 1) {alias}
"""
_OF_LIVING = " JOIN {table} p ON p.id = s.product_id AND p.deleted_at IS NULL"
_PRODUCTS_NAMED = _NAMED.format(
    columns=_PRODUCT.columns, table=_PRODUCT.table, alias="p"
)
_SKUS_NAMED = _NAMED.format(
    columns=f"{_SKU.columns}, {_PRODUCT.columns}", table=_SKU.table, alias="s"
) + _OF_LIVING.format(table=_PRODUCT.table)
_PRODUCTS = f"""
SELECT {_PRODUCT.columns} FROM {_PRODUCT.table} p
WHERE (p.source_id = ANY(%s::text[]) OR p.id = ANY(%s::uuid[]))
  AND p.project_id = %s AND p.deleted_at IS NULL
"""  # noqa: S608
_SKUS = f"""
SELECT {_SKU.columns}, {_PRODUCT.columns}
FROM {_SKU.table} s {_OF_LIVING.format(table=_PRODUCT.table)}
WHERE (s.source_id = ANY(%s::text[]) OR s.id = ANY(%s::uuid[]))
  AND s.project_id = %s AND s.deleted_at IS NULL
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class KnownCatalogue:
    """Products and SKUs by their ids, shown ids and source ids; an id wins."""

    products: Mapping[str, Product] = field(default_factory=dict)
    skus: Mapping[str, Sku] = field(default_factory=dict)

    def __or__(self, more: "KnownCatalogue") -> "KnownCatalogue":
        """Return what either has."""
        return KnownCatalogue(
            products={**self.products, **more.products},
            skus={**self.skus, **more.skus},
        )


def find_items(
    project: Project,
    product_references: Collection[str],
    sku_references: Collection[str],
) -> KnownCatalogue:
    """Return what the catalogue has of the named products and SKUs.

    References are ids or source ids; unknown ones are left out. The product of
    every SKU found is there too. At most two statements.
    """
    return items_found(*ask_items(project, product_references, sku_references))


def ask_items(
    project: Project,
    product_references: Collection[str],
    sku_references: Collection[str],
) -> tuple[Asked | None, Asked | None]:
    """Ask for them as ``find_items`` does; ``items_found`` reads the answers."""
    products = skus = None
    if sku_references:
        skus = Asked(
            *_by_references(
                project, SKU_PREFIX, sku_references, named=_SKUS_NAMED, either=_SKUS
            )
        )
    if product_references:
        names = set(product_references)
        if SHIPPING_ID in names:
            names.add(SHIPPING_SOURCE_ID)
        products = Asked(
            *_by_references(
                project, PRODUCT_PREFIX, names, named=_PRODUCTS_NAMED, either=_PRODUCTS
            )
        )
    return products, skus


def items_found(products: Asked | None, skus: Asked | None) -> KnownCatalogue:
    """Return the products and SKUs that were asked for."""
    stored_skus = []
    for row in skus.rows() if skus else ():
        sku, sku.product = read_joined(row, _SKU, _PRODUCT)
        stored_skus.append(sku)
    stored = [sku.product for sku in stored_skus]
    stored += _PRODUCT.read_all(products.rows() if products else ())
    return KnownCatalogue(products=by_name(stored), skus=by_name(stored_skus))


def _by_references(
    project: Project,
    prefix: str,
    references: Collection[str],
    *,
    named: str,
    either: str,
) -> tuple[str, list[Any]]:
    """Return the statement that finds ``references``, and its arguments.

    It is ``named`` where none is an id.
    """
    keys, source_ids = reference_keys(prefix, references)
    key = parse("proj_", project.pk)
    if keys == sql_arrays.EMPTY:
        return named, [source_ids, key]
    return either, [source_ids, keys, key]


def reference_keys(prefix: str, references: Collection[str]) -> tuple[str, str]:
    """Return references as arrays of keys, where they are ids, and of source ids."""
    known = (parse_or_none(prefix, text) for text in references)
    keys = sql_arrays.uuids(key for key in known if key)
    return keys, sql_arrays.texts(text for text in references if text)


def by_name(rows: Iterable[Any]) -> dict[str, Any]:
    """Return products or SKUs by their ids, shown ids and source ids; an id wins."""
    listed = list(rows)
    found = {row.source_id: row for row in listed if row.source_id}
    found |= {row.shown_id: row for row in listed if isinstance(row, Product)}
    return found | {row.pk: row for row in listed}


@dataclass(frozen=True, slots=True)
class LoadedCollections:
    """Collections, read as far as it takes to place the items they were read for.

    ``ids`` are those that exist. ``listed`` maps a product's or SKU's id to the
    static collections naming it, ``filters`` the automatic ones to their filters;
    ``whole`` hold everything.
    ``skus_of`` maps products to their SKUs where a filter asks about them,
    ``locations`` the ids that filters name to their shapes.
    """

    calendar: Calendar
    #: The declared types of products' metadata.
    declared: Mapping[str, Kind] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    listed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    filters: Mapping[str, Filter] = field(default_factory=dict)
    skus_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ids: frozenset[str] = frozenset()
    locations: Mapping[str, Shape] = field(default_factory=dict)

    def holding(self, item: CatalogueItem, *keys: str | None) -> frozenset[str]:
        """Return the collections that ``item`` is in.

        ``keys`` are the ids under which static collections may name it: a
        product's own; a SKU's own and its product's. Attributes sent with a
        request lie in ``item`` already.
        """
        found = set(self.whole)
        for key in keys:
            found |= self.listed.get(key or "", frozenset())
        found.update(
            collection
            for collection, wanted in self.filters.items()
            if is_member(
                wanted,
                item,
                self.calendar,
                schema=self.declared,
                locations=self.locations,
            )
        )
        return frozenset(found)


def load_collections(
    project: Project,
    collection_ids: Collection[str],
    product_ids: Collection[str],
    sku_ids: Collection[str],
    *,
    now: datetime,
    with_whole: bool = False,
) -> LoadedCollections:
    """Read the named collections for these stored products and SKUs.

    Unknown collections have no members; ``with_whole`` also reads the predefined one
    that holds everything. One statement, and one more each when a filter asks about a
    product's SKUs and when one names a location.
    """
    calendar = project.calendar(now)
    ids = [one for one in collection_ids if parse_or_none(COLLECTION_PREFIX, one)]
    if not ids and not with_whole:
        return LoadedCollections(calendar)
    declared = known_schemas(project).kinds.get("product", {})
    named = Q(pk__in=ids)
    if with_whole:
        named |= Q(is_predefined=True)
    found: set[str] = set()
    whole: set[str] = set()
    listed: dict[str, frozenset[str]] = {}
    filters: dict[str, Filter] = {}
    for row in _rows(project, named, product_ids, sku_ids):
        found.add(row["pk"])
        if row["is_predefined"]:
            whole.add(row["pk"])
        elif row["type"] == CollectionType.STATIC:
            member = row["hit__product_id"] or row["hit__sku_id"]
            if member:
                listed[member] = listed.get(member, frozenset()) | {row["pk"]}
        elif (parsed := _parsed(row)) is not None:
            filters[row["pk"]] = parsed
    skus_of = _skus_of(project, product_ids) if _ask_skus(filters) else {}
    return LoadedCollections(
        calendar,
        declared,
        frozenset(whole),
        listed,
        filters,
        skus_of,
        frozenset(found),
        shapes_named(project, filters.values()),
    )


def _rows(
    project: Project,
    asked: Q,
    product_ids: Collection[str],
    sku_ids: Collection[str],
) -> Iterable[Mapping[str, Any]]:
    """Return a row a collection, or one for each of the given items it lists."""
    wanted = Q(items__product__in=list(product_ids)) | Q(items__sku__in=list(sku_ids))
    named: QuerySet[Any] = project.product_collections.filter(asked)
    rows: QuerySet[Any] = named.annotate(
        hit=FilteredRelation("items", condition=wanted)
    )
    return rows.order_by().values(
        "pk", "type", "filter", "is_predefined", "hit__product_id", "hit__sku_id"
    )


def _parsed(row: Mapping[str, Any]) -> Filter | None:
    try:
        return parse_collection_filter(row["filter"])
    except InvalidPayload as failure:
        log.error(
            "collection_filter_unreadable",
            collection_id=row["pk"],
            reason=str(failure),
        )
        return None


def _ask_skus(filters: Mapping[str, Filter]) -> bool:
    return any(
        entry.field == "skus" for wanted in filters.values() for entry in wanted.fields
    )


def _skus_of(
    project: Project, product_ids: Collection[str]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    rows = project.skus.alive().filter(product__in=list(product_ids))
    for product_id, sku_id in rows.values_list("product_id", "pk"):
        found[product_id] = (*found.get(product_id, ()), sku_id)
    return found


def collections_of(
    project: Project,
    collection_ids: Collection[str],
    products: Collection[Product],
    skus: Collection[Sku],
    *,
    now: datetime,
) -> dict[str, frozenset[str]]:
    """Return which of the collections each stored product and SKU is in, by its id.

    A static collection that names a product holds its SKUs as well; an automatic
    one tests each by itself. At most three statements, given SKUs with their products.

    Source: data specification, "Product collections".
    """
    product_ids = {one.pk for one in products} | {one.product_id for one in skus}
    sku_ids = {one.pk for one in skus}
    read = load_collections(project, collection_ids, product_ids, sku_ids, now=now)
    found = {
        one.pk: read.holding(
            product_item(one, skus=read.skus_of.get(one.pk, ())), one.pk
        )
        for one in products
    }
    return found | {
        one.pk: read.holding(sku_item(one, one.product), one.pk, one.product_id)
        for one in skus
    }


def product_item(product: Product, *, skus: tuple[str, ...] = ()) -> CatalogueItem:
    """Return a stored product as filters see it."""
    return CatalogueItem(
        object="product",
        id=product.shown_id,
        source_id=product.source_id or None,
        name=product.name or None,
        price=product.price,
        image_url=product.image_url or None,
        attributes=tuple(product.attributes),
        skus=skus,
        created_at=product.created_at,
        updated_at=product.updated_at,
        metadata=product.metadata,
    )


def sku_item(sku: Sku, product: Product | None = None) -> CatalogueItem:
    """Return a stored SKU as filters see it.

    Its attributes are the names it gives values to, and the values that are text.
    Where it has no coordinates, those of its ``product`` stand in.
    """
    texts = [value for value in sku.attributes.values() if isinstance(value, str)]
    return CatalogueItem(
        object="sku",
        id=sku.pk,
        product_id=sku.product_id,
        source_id=sku.source_id or None,
        name=sku.sku or None,
        price=sku.price,
        image_url=sku.image_url or None,
        attributes=(*sku.attributes, *texts),
        created_at=sku.created_at,
        updated_at=sku.updated_at,
        metadata=sku.metadata,
        places=(sku.metadata, product.metadata) if product else (),
    )
