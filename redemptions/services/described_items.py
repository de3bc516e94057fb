"""What an order that is kept may write into the catalogue.

Source: engine specification, "Line identity".
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from campaigns.services.catalogue_upsert import Described, upsert_catalogue
from promo import request_context
from promo.tenancy.models import Project
from redemptions.services.order_lines import Item, product_names, sku_names


def store_described_items(
    project: Project, items: Sequence[Item], now: datetime
) -> bool:
    """Store the products and SKUs of lines that say ``override``, none otherwise.

    They get name, price and metadata as the line describes them, in the transaction
    of the order; what is not known yet is created by its source id. Browsers describe
    their cart, but do not change the catalogue. Returns whether anything was to store.
    """
    products, skus = described_in(items)
    is_browser = request_context.current().channel == "CLIENT_API"
    if not (products or skus) or is_browser:
        return False
    upsert_catalogue(project, products, skus, now)
    return True


def described_in(items: Sequence[Item]) -> tuple[list[Described], list[Described]]:
    """Return the products and SKUs of lines that say ``override``."""
    return list(_products(items)), list(_skus(items))


def _products(items: Sequence[Item]) -> Iterator[Described]:
    for item in items:
        inline = item.get("product") or {}
        if inline.get("override") is True:
            yield Described(
                names=product_names(item),
                source_id=inline.get("source_id") or _own_source_id(item, "product"),
                values=_values(inline, "name"),
            )


def _skus(items: Sequence[Item]) -> Iterator[Described]:
    for item in items:
        inline = item.get("sku") or {}
        if inline.get("override") is True:
            yield Described(
                names=sku_names(item),
                source_id=inline.get("source_id") or _own_source_id(item, "sku"),
                values=_values(inline, "sku"),
                product_names=product_names(item),
            )


def _own_source_id(item: Item, kind: str) -> str:
    """Return the line's source id, where it is that of its product or SKU."""
    related = item.get("related_object") or ("sku" if item.get("sku") else "product")
    return str(item.get("source_id") or "") if related == kind else ""


def _values(inline: Mapping[str, Any], name: str) -> dict[str, Any]:
    sent = {field: inline.get(field) for field in (name, "price", "metadata")}
    return {field: value for field, value in sent.items() if value is not None}
