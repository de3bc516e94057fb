"""Items of a cart as a person names them: by name, by source id, by id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from promo.admin.presentation import money
from promo.ids import parse_or_none
from promo.tenancy.models import Project

_OFFERED = 200


@dataclass(frozen=True, slots=True)
class Typed:
    """One row of the cart as typed; ``price`` in minor units, None for the usual."""

    item: str
    quantity: int
    price: int | None


def offered_items(project: Project) -> list[tuple[str, str]]:
    """Return what the catalogue has, newest first: what to type, and what it is."""
    products = project.products.alive().order_by("-created_at", "-pk")[:_OFFERED]
    skus = project.skus.alive().select_related("product").order_by("-created_at", "-pk")
    found = [
        (one.name or one.source_id or one.pk, money(one.price, project.currency))
        for one in products
    ]
    return found + [
        (one.source_id or one.pk, f"{one.product.name or ''} {one.sku or ''}".strip())
        for one in skus[:_OFFERED]
    ]


def order_items(
    project: Project, rows: Sequence[Typed]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return order lines as the API takes them, and what nobody can put a price on.

    Two statements, whatever the number of rows.
    """
    known = _known(project, [row.item for row in rows])
    items: list[dict[str, Any]] = []
    unknown = []
    for row in rows:
        named = known.get(row.item.casefold())
        if named is None and row.price is None:
            unknown.append(row.item)
        item: dict[str, Any] = {"source_id": row.item, "product": {"name": row.item}}
        if named is not None:
            item = dict(named)
        item["quantity"] = row.quantity
        if row.price is not None:
            item["price"] = row.price
        items.append(item)
    return items, unknown


def _known(project: Project, texts: Sequence[str]) -> Mapping[str, dict[str, str]]:
    """Return products and SKUs by what was typed; a product goes before a SKU."""
    found: dict[str, dict[str, str]] = {}
    for rows, prefix, name, field in (
        (project.skus.alive(), "sku_", "sku", "sku_id"),
        (project.products.alive(), "prod_", "name", "product_id"),
    ):
        ids = [text for text in texts if parse_or_none(prefix, text)]
        named = Q(pk__in=ids) | Q(source_id__in=texts) | Q(**{f"{name}__in": texts})
        for row in rows.filter(named).order_by("-created_at"):
            for text in (getattr(row, name), row.source_id, row.pk):
                if text:
                    found[text.casefold()] = {field: row.pk}
    return found
