"""Writing and reading what is in a collection.

Source: data specification, "Product collections".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from campaigns.engine.filters import (
    CatalogueItem,
    is_member,
    parse_collection_filter,
)
from campaigns.models import Product, ProductCollection, ProductCollectionItem, Sku
from campaigns.models.catalogue import PRODUCT_PREFIX, SKU_PREFIX
from campaigns.services.catalogue_lookup import find_items, product_item, sku_item
from customers.services.location_lookup import shapes_named
from promo.errors import ResourceNotFound
from promo.metadata_schemas.known import known_schemas
from promo.tenancy.models import Project

BATCH = 2_000
Member = Product | Sku
Placed = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class NamedItem:
    """An entry of a static collection as sent: a product or a SKU by its id."""

    id: str
    object: str = "product"


def resolve(project: Project, named: Sequence[NamedItem]) -> list[Member]:
    """Return the products and SKUs behind the entries, each once, in their order.

    At most two statements.

    Raises:
        ResourceNotFound: an entry names nothing.
    """
    known = find_items(
        project,
        [one.id for one in named if one.object == "product"],
        [one.id for one in named if one.object == "sku"],
    )
    found: dict[str, Member] = {}
    for one in named:
        rows = known.skus if one.object == "sku" else known.products
        member = rows.get(one.id)
        if member is None:
            raise ResourceNotFound(one.object, one.id)
        found[member.pk] = member
    return list(found.values())


def put_members(collection: ProductCollection, members: Sequence[Member]) -> None:
    """Store the members of a new static collection, with one statement."""
    ProductCollectionItem.objects.bulk_create(
        ProductCollectionItem(
            collection=collection,
            position=position,
            product=member if isinstance(member, Product) else None,
            sku=member if isinstance(member, Sku) else None,
        )
        for position, member in enumerate(members)
    )


def with_members(rows: QuerySet[ProductCollection]) -> QuerySet[ProductCollection]:
    """Return collections with what showing them takes, in two statements."""
    items = ProductCollectionItem.objects.alive().select_related("product", "sku")
    return rows.prefetch_related(Prefetch("items", queryset=items))


def members_of(
    collection: ProductCollection,
    *,
    now: datetime,
    after: datetime | None = None,
    newest_first: bool = False,
) -> list[str]:
    """Return the ids of the products and SKUs in a collection, by creation.

    A static one lists its entries; what a product's SKUs inherit is not repeated.
    An automatic one tests every product and SKU by itself. Two statements, rows in
    batches, and one more when its filter names a location. ``after`` leaves out what
    lies on its near side in that order.
    """
    members = (
        _static(collection) if _is_listed(collection) else _tested(collection, now)
    )
    ordered = sorted(members, reverse=newest_first)
    if after is None:
        return [pk for _, pk in ordered]
    return [pk for at, pk in ordered if (at < after if newest_first else at > after)]


def _is_listed(collection: ProductCollection) -> bool:
    return collection.filter is None and not collection.is_predefined


def _static(collection: ProductCollection) -> list[Placed]:
    """Return the entries; what is in the bin is no longer among them."""
    return [
        (member.created_at, member.pk)
        for item in collection.items.alive().select_related("product", "sku")
        if (member := item.sku or item.product) is not None
    ]


def _tested(collection: ProductCollection, now: datetime) -> list[Placed]:
    """Return what of the whole catalogue fits; everything fits the predefined one."""
    test: _Test | None = None
    if not collection.is_predefined:
        test = _Test(collection, now)
    found: list[Placed] = []
    of_product: dict[str, tuple[str, ...]] = {}
    skus = collection.project.skus.alive()
    if test is not None and test.locations:
        skus = skus.select_related("product")
    for sku in skus.iterator(chunk_size=BATCH):
        known = of_product.get(sku.product_id, ())
        of_product[sku.product_id] = (*known, sku.pk)
        if test is None or test.sku(sku):
            found.append((sku.created_at, sku.pk))
    products = collection.project.products.alive().iterator(chunk_size=BATCH)
    found += [
        (product.created_at, product.pk)
        for product in products
        if test is None or test.product(product, of_product.get(product.pk, ()))
    ]
    return found


class _Test:
    """Whether a stored product or SKU fits an automatic collection."""

    def __init__(self, collection: ProductCollection, now: datetime) -> None:
        self._filter = parse_collection_filter(collection.filter)
        self._calendar = collection.project.calendar(now)
        self._declared = known_schemas(collection.project).kinds.get("product")
        self.locations = shapes_named(collection.project, [self._filter])

    def product(self, product: Product, skus: tuple[str, ...]) -> bool:
        return self._fits(product_item(product, skus=skus))

    def sku(self, sku: Sku) -> bool:
        """Say so; given with its product where the filter names a location."""
        return self._fits(sku_item(sku, sku.product if self.locations else None))

    def _fits(self, item: CatalogueItem) -> bool:
        return is_member(
            self._filter,
            item,
            self._calendar,
            schema=self._declared,
            locations=self.locations,
        )


def load_members(project: Project, ids: Sequence[str]) -> list[Member]:
    """Return the rows behind ``ids`` in their order, SKUs with their product."""
    product_ids = [one for one in ids if one.startswith(PRODUCT_PREFIX)]
    sku_ids = [one for one in ids if one.startswith(SKU_PREFIX)]
    products = project.products.filter(pk__in=product_ids)
    skus = project.skus.filter(pk__in=sku_ids)
    found: dict[str, Member] = {one.pk: one for one in products}
    found |= {one.pk: one for one in skus.select_related("product")}
    return [found[one] for one in ids if one in found]
