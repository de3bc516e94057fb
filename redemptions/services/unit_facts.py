"""What UNIT discounts give, looked up in the catalogue with the order's lines."""

from collections.abc import Iterable, Mapping

from campaigns.engine.discounts import unit_types_of
from campaigns.models.catalogue import PRODUCT_PREFIX, SKU_PREFIX
from campaigns.services.catalogue_lookup import COLLECTION_PREFIX
from redemptions.engine.facts import Redeemable, UnitFacts
from redemptions.services.order_lines import (
    KnownItems,
    References,
    places_of,
    product_facts,
    sku_facts,
)


def units_of(redeemables: Iterable[Redeemable]) -> frozenset[str]:
    """Return the ``unit_type`` of everything that UNIT discounts give."""
    discounts = (each.discount for each in redeemables)
    return frozenset(
        unit_type
        for discount in discounts
        if discount is not None
        for unit_type in unit_types_of(discount)
    )


def unit_references(unit_types: Iterable[str]) -> References:
    """Return what to look up; an id says its table, a source id may be in both."""
    products, skus, collections = set(), set(), set()
    for unit_type in unit_types:
        if unit_type.startswith(COLLECTION_PREFIX):
            collections.add(unit_type)
            continue
        if not unit_type.startswith(SKU_PREFIX):
            products.add(unit_type)
        if not unit_type.startswith(PRODUCT_PREFIX):
            skus.add(unit_type)
    return References(frozenset(products), frozenset(skus), frozenset(collections))


def unit_facts(unit_types: Iterable[str], known: KnownItems) -> Mapping[str, UnitFacts]:
    """Return what was found; a product goes before a SKU of the same source id."""
    found = ((unit_type, _unit(unit_type, known)) for unit_type in unit_types)
    return {unit_type: unit for unit_type, unit in found if unit is not None}


def _unit(unit_type: str, known: KnownItems) -> UnitFacts | None:
    if unit_type in known.collection_ids:
        return UnitFacts(collection_id=unit_type)
    product = known.products.get(unit_type)
    sku = known.skus.get(unit_type) if product is None else None
    if sku is not None:
        product = known.products[sku.product_id]
    if product is None:
        return None
    places = places_of({}, product, sku)
    return UnitFacts(
        product_facts(product, {}, known, places), sku_facts(sku, {}, known, places)
    )
