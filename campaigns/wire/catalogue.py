"""Products, SKUs and collections as the API and events show them."""

from collections.abc import Iterable, Mapping
from typing import Any

from campaigns.models import Product, ProductCollection, Sku
from campaigns.wire.limits import moment
from promo.clock import isoformat

Shown = dict[str, Any]


def product_as_json(product: Product, skus: Iterable[Sku] | None = None) -> Shown:
    """Return a product; with ``skus``, those beside it.

    Source: data specification, "Products and SKUs".
    """
    shown = {
        "id": product.shown_id,
        "source_id": product.source_id or None,
        "name": product.name or None,
        "price": product.price,
        "attributes": product.attributes,
        "metadata": product.metadata,
        "image_url": product.image_url or None,
        "created_at": isoformat(product.created_at),
        "updated_at": moment(product.updated_at),
        "object": "product",
    }
    if skus is None:
        return shown
    rows = [sku_as_json(sku) for sku in skus]
    beside = {"object": "list", "data_ref": "data", "data": rows, "total": len(rows)}
    return {**shown, "skus": beside}


def sku_as_json(sku: Sku) -> Shown:
    """Return a SKU without its product."""
    return {
        "id": sku.pk,
        "source_id": sku.source_id or None,
        "product_id": sku.product_id,
        "sku": sku.sku or None,
        "price": sku.price,
        "currency": sku.currency or None,
        "attributes": sku.attributes,
        "image_url": sku.image_url or None,
        "metadata": sku.metadata,
        "created_at": isoformat(sku.created_at),
        "updated_at": moment(sku.updated_at),
        "object": "sku",
    }


def sku_with_product(sku: Sku) -> Shown:
    """Return a SKU with its product inside, whose row is loaded."""
    return {**sku_as_json(sku), "product": product_as_json(sku.product)}


def collection_as_json(collection: ProductCollection) -> Shown:
    """Return a collection; a static one's items, with SKU and product, are loaded.

    Source: data specification, "Product collections".
    """
    shown: Shown = {
        "id": collection.pk,
        "name": collection.name,
        "type": collection.type,
        "created_at": isoformat(collection.created_at),
        "object": "products_collection",
    }
    if collection.updated_at is not None:
        shown["updated_at"] = isoformat(collection.updated_at)
    if collection.filter is None:
        entries = [_entry(item.product, item.sku) for item in collection.items.all()]
        return {**shown, "products": entries}
    return {**shown, "filter": _with_junction(collection.filter)}


def _entry(product: Product | None, sku: Sku | None) -> Shown:
    if sku is not None:
        return {"id": sku.pk, "product_id": sku.product_id, "object": "sku"}
    return {"id": product.shown_id if product else None, "object": "product"}


def _with_junction(stored: Mapping[str, Any]) -> Shown:
    return {"junction": "and", **stored}
