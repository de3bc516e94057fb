"""What the catalogue knows of the lines of an order."""

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.engine.filters import CatalogueItem, is_member, parse_collection_filter
from campaigns.models import Product, ProductCollection, Sku
from campaigns.models.catalogue import ProductCollectionItem
from promo.calendar_windows import Calendar
from promo.ids import parse_or_none
from promo.tenancy.models import Project
from redemptions.engine.facts import AssignedRules
from redemptions.engine.rules import collections_of
from redemptions.services.order_lines import KnownItems, references_of

Thing = Product | Sku


def known_items(
    project: Project,
    items: Sequence[Mapping[str, Any]],
    rules: Sequence[AssignedRules],
    calendar: Calendar,
) -> KnownItems:
    """Return the products and SKUs that lines name, with their collections.

    At most four statements: SKUs, products, collections, members.
    """
    named = references_of(items)
    skus = list(project.skus.by_references(sorted(named.skus))) if named.skus else []
    parents = {sku.product_id for sku in skus}
    wanted = sorted(named.products | parents)
    products = list(project.products.by_references(wanted)) if wanted else []
    wanted_collections = sorted(
        name for name in collections_of(rules) if parse_or_none("pc_", name)
    )
    collections: list[ProductCollection] = []
    if wanted_collections:
        found = project.product_collections.filter(pk__in=wanted_collections)
        collections = list(found)
    everything = (each.pk for each in collections if each.is_predefined)
    return KnownItems(
        products=_by_reference(products),
        skus=_by_reference(skus),
        collections=_memberships(collections, [*products, *skus], calendar),
        all_products_id=next(everything, None),
    )


def _by_reference(things: Sequence[Any]) -> dict[str, Any]:
    by_source = {thing.source_id: thing for thing in things if thing.source_id}
    shown = {thing.shown_id: thing for thing in things if isinstance(thing, Product)}
    return by_source | shown | {thing.pk: thing for thing in things}


def _memberships(
    collections: Sequence[ProductCollection],
    things: Sequence[Thing],
    calendar: Calendar,
) -> dict[str, frozenset[str]]:
    """Return the collections that each product and SKU is in."""
    if not things or not collections:
        return {}
    found: dict[str, set[str]] = {thing.pk: set() for thing in things}
    for collection in collections:
        for thing in things:
            if _is_automatic_member(collection, thing, calendar):
                found[thing.pk].add(collection.pk)
    fixed = [each.pk for each in collections if each.type == "STATIC"]
    for member in ProductCollectionItem.objects.filter(collection__in=fixed):
        for thing in things:
            parent = thing.product_id if isinstance(thing, Sku) else None
            if thing.pk in {member.product_id, member.sku_id} or (
                parent is not None and parent == member.product_id
            ):
                found[thing.pk].add(member.collection_id)
    return {thing: frozenset(names) for thing, names in found.items()}


def _is_automatic_member(
    collection: ProductCollection, thing: Thing, calendar: Calendar
) -> bool:
    if collection.is_predefined:
        return True
    if collection.filter is None:
        return False
    return is_member(
        parse_collection_filter(collection.filter), _as_item(thing), calendar
    )


def _as_item(thing: Thing) -> CatalogueItem:
    is_sku = isinstance(thing, Sku)
    return CatalogueItem(
        object="sku" if is_sku else "product",
        id=thing.pk,
        product_id=thing.product_id if isinstance(thing, Sku) else None,
        source_id=thing.source_id or None,
        name=thing.sku if isinstance(thing, Sku) else thing.name,
        price=thing.price,
        image_url=thing.image_url or None,
        attributes=tuple(thing.attributes),
        created_at=thing.created_at,
        updated_at=thing.updated_at,
        metadata=thing.metadata,
    )
