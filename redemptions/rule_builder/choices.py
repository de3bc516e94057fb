"""What the pickers of the builder find: products, SKUs, collections, segments."""

from typing import Any

from django.db.models import Q

from promo.admin.presentation import money
from promo.tenancy.models import Project
from redemptions.rule_builder.fields import chosen_text

_EACH = 6
Found = list[dict[str, str]]


def found_items(project: Project, text: str) -> Found:
    """Return collections, products and SKUs by name; three statements."""
    collections = project.product_collections.filter(_named(text, "name"))
    products = project.products.alive().filter(_named(text, "name", "source_id"))
    skus = project.skus.alive().select_related("product")
    skus = skus.filter(_named(text, "sku", "source_id", "product__name"))
    return [
        *(
            _choice("products_collection", one.pk, one.name, "Collection")
            for one in collections.order_by("name", "pk")[:_EACH]
        ),
        *(
            _choice("product", one.pk, one.name, _product_note(one, project))
            for one in products.order_by("name", "pk")[:_EACH]
        ),
        *(
            _choice("sku", one.pk, one.sku or one.source_id, f"SKU of {one.product}")
            for one in skus.order_by("sku", "pk")[:_EACH]
        ),
    ]


def found_segments(project: Project, text: str) -> Found:
    """Return segments by name; one statement."""
    rows = project.segments.filter(_named(text, "name")).order_by("name", "pk")
    return [
        {
            "text": chosen_text(one.pk),
            "name": one.name,
            "note": one.get_type_display(),
        }
        for one in rows[: 2 * _EACH]
    ]


def _product_note(product: Any, project: Project) -> str:
    return f"Product, {money(product.price, project.currency)}"


def _choice(kind: str, key: str, name: str | None, note: str) -> dict[str, str]:
    is_collection = kind == "products_collection"
    entry = {
        "id": key,
        "object": kind,
        "type": kind if is_collection else "product_or_sku",
    }
    return {"text": chosen_text(entry), "name": name or key, "note": note}


def _named(text: str, *fields: str) -> Q:
    wanted = Q()
    for field in fields:
        wanted |= Q(**{f"{field}__icontains": text})
    return wanted
