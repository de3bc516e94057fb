"""Products and SKUs as files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)

from campaigns.models import Product, Sku
from campaigns.models.catalogue import (
    PRODUCT_PREFIX,
    SHIPPING_ID,
    SHIPPING_SOURCE_ID,
    SKU_PREFIX,
)
from promo.api.columns import Column, IdColumn, NumberColumn, TextColumn
from promo.filter_grammar import Condition
from promo.ids import parse_or_none
from promo.tenancy.models import Project
from redemptions.exports import cells, listed
from redemptions.exports.catalogue import CREATED, Catalogue, Terms


def _products(project: Project) -> QuerySet[Product]:
    return project.products.alive().alias(kind=Value("product"))


def _skus(project: Project) -> QuerySet[Sku]:
    rows = project.skus.alive().filter(product__deleted_at=None)
    return rows.alias(kind=Value("sku"))


def _product_id() -> Any:
    """Return the id; the shipping product's is the same everywhere."""
    return Case(
        When(source_id=SHIPPING_SOURCE_ID, then=Value(SHIPPING_ID)),
        default=cells.shown_id(F("pk"), PRODUCT_PREFIX),
        output_field=TextField(),
    )


_SHARED = {
    "price": cells.plain("price"),
    "image_url": cells.text("image_url"),
    "source_id": cells.text("source_id"),
    "attributes": cells.json("attributes"),
    "created_at": cells.moment("created_at"),
    "updated_at": cells.moment("updated_at"),
}
PRODUCT_FIELDS = {
    "id": cells.plain(_product_id()),
    "name": cells.text("name"),
    **_SHARED,
}
SKU_FIELDS = {
    "id": cells.shown("pk", SKU_PREFIX),
    "sku": cells.text("sku"),
    "product_id": cells.shown("product", PRODUCT_PREFIX),
    "currency": cells.text("currency"),
    **_SHARED,
}


@dataclass(frozen=True)
class _Holds(Column):
    """A JSON array, or an object's names and texts, that holds a value."""

    lookup: str
    is_object: bool
    operators = IdColumn.operators

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows that hold one of the values."""
        several = condition.operator == "$in"
        found = Q(pk__in=[])
        for value in condition.values if several else condition.values[:1]:
            found |= Q(**{f"{self.lookup}__has_key": str(value)})
        return found

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the rows that hold nothing, or those that hold something."""
        empty = Q(**{self.lookup: {} if self.is_object else []})
        return empty if null else ~empty


@dataclass(frozen=True)
class _HasSku(Column):
    """A product's SKUs, by their ids."""

    operators = IdColumn.operators

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the products with one of the SKUs."""
        several = condition.operator == "$in"
        values = condition.values if several else condition.values[:1]
        ids = [value for value in values if parse_or_none(SKU_PREFIX, value)]
        return Q(Exists(_skus_of_product().filter(pk__in=ids)))

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the products without SKUs, or those with some."""
        has = Q(Exists(_skus_of_product()))
        return ~has if null else has


def _skus_of_product() -> QuerySet[Sku]:
    return Sku.objects.filter(product=OuterRef("pk"), deleted_at=None)


class _Missing(Column):
    """What rows of this kind do not have."""

    operators = IdColumn.operators

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return nothing."""
        return Q(pk__in=[])

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return all rows, or none."""
        return ~Q(pk__in=[]) if null else Q(pk__in=[])


def _shared_columns(terms: Terms) -> Mapping[str, Column]:
    return {
        **{name: terms.moment(name) for name in CREATED},
        "source_id": TextColumn("source_id"),
        "price": NumberColumn("price"),
        "object": TextColumn("kind"),
        "image_url": TextColumn("image_url"),
        "metadata.*": terms.metadata("product"),
    }


def _product_columns(terms: Terms) -> Mapping[str, Column]:
    return {
        **_shared_columns(terms),
        **listed.of_goods("name", PRODUCT_PREFIX),
        "id": IdColumn("pk", PRODUCT_PREFIX),
        "product_id": _Missing(),
        "name": TextColumn("name"),
        "attributes": _Holds("attributes", is_object=False),
        "skus": _HasSku(),
    }


def _sku_columns(terms: Terms) -> Mapping[str, Column]:
    return {
        **_shared_columns(terms),
        **listed.of_goods("sku", SKU_PREFIX, "product__name"),
        "id": IdColumn("pk", SKU_PREFIX),
        "product_id": IdColumn("product_id", PRODUCT_PREFIX),
        "name": TextColumn("sku"),
        "sku": TextColumn("sku"),
        "attributes": _Holds("attributes", is_object=True),
        "attributes.*": terms.json("attributes"),
        "skus": _Missing(),
    }


PRODUCTS = Catalogue(
    name="product",
    label="Products",
    permission="products.read",
    rows=_products,
    fields=PRODUCT_FIELDS,
    defaults=(
        "id",
        "name",
        "price",
        "image_url",
        "source_id",
        "attributes",
        "created_at",
    ),
    orderings={name: name for name in (*CREATED, "name")},
    columns=_product_columns,
    metadata="product",
)
SKUS = Catalogue(
    name="sku",
    label="SKUs",
    permission="products.read",
    rows=_skus,
    fields=SKU_FIELDS,
    defaults=(
        "id",
        "sku",
        "product_id",
        "currency",
        "price",
        "image_url",
        "source_id",
        "attributes",
        "created_at",
    ),
    # The name of a SKU is its ``sku``.
    orderings={name: name for name in (*CREATED, "sku", "product_id")}
    | {"name": "sku"},
    columns=_sku_columns,
    metadata="product",
)
