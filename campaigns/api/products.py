"""``/v1/products``, the SKUs below them, and ``/v1/skus``."""

from typing import Any

from django.db.models import Prefetch
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Product, Sku
from campaigns.models.catalogue import ProductQuerySet, SkuQuerySet
from campaigns.services import product, sku
from campaigns.wire.catalogue import product_as_json, sku_as_json
from promo.api import query
from promo.api.columns import MomentColumn
from promo.api.fields import Amount, JsonObject, ListOf, Moment, Text
from promo.api.filters import QueryFilters
from promo.api.resource import Resource, find_or_404
from promo.api.serializers import ApiSerializer
from promo.tenancy.models import Project

#: Names of the shared enum that the catalogue has no column for.
_ORDERINGS = {
    "created_at": "created_at",
    "updated_at": "updated_at",
    **dict.fromkeys(("type", "code", "campaign", "category"), "created_at"),
}
_FILTERS = QueryFilters(
    columns={
        "created_at": MomentColumn("created_at"),
        "updated_at": MomentColumn("updated_at"),
    },
    date_range="created_at",
)


class ProductChange(ApiSerializer):
    """The body of an update; null empties a field."""

    source_id = Text(longest=255, required=False, allow_null=True)
    name = Text(longest=1_000, required=False, allow_null=True)
    price = Amount(required=False, allow_null=True)
    attributes = ListOf(Text(longest=255), most=100, required=False, allow_null=True)
    metadata = JsonObject(required=False, allow_null=True)
    image_url = Text(longest=2_000, required=False, allow_null=True)


class ProductInput(ProductChange):
    """The body of a create, which updates a product that is known."""

    id = Text(longest=255, required=False)
    source_id = Text(longest=255, required=False)


class ProductSerializer(ApiSerializer):
    """A product as answered; ``skus`` with one product only."""

    id = Text()
    source_id = Text(allow_null=True)
    name = Text(allow_null=True)
    price = Amount(allow_null=True)
    attributes = ListOf(Text())
    metadata = JsonObject()
    image_url = Text(allow_null=True)
    created_at = Moment()
    updated_at = Moment(allow_null=True)
    skus = JsonObject(required=False)
    object = Text()

    def to_representation(self, instance: Product) -> dict[str, Any]:
        loaded = getattr(instance, "loaded_skus", None)
        return product_as_json(instance, loaded)


class SkuChange(ApiSerializer):
    """The body of an update; null empties a field."""

    source_id = Text(longest=255, required=False, allow_null=True)
    sku = Text(longest=1_000, required=False, allow_null=True)
    price = Amount(required=False, allow_null=True)
    currency = Text(longest=3, required=False, allow_null=True)
    attributes = JsonObject(required=False, allow_null=True)
    metadata = JsonObject(required=False, allow_null=True)
    image_url = Text(longest=2_000, required=False, allow_null=True)


class SkuInput(SkuChange):
    """The body of a create, which updates a SKU that is known."""

    id = Text(longest=255, required=False)
    source_id = Text(longest=255, required=False)


class SkuSerializer(ApiSerializer):
    """A SKU as answered."""

    id = Text()
    source_id = Text(allow_null=True)
    product_id = Text()
    sku = Text(allow_null=True)
    price = Amount(allow_null=True)
    currency = Text(allow_null=True)
    attributes = JsonObject()
    image_url = Text(allow_null=True)
    metadata = JsonObject()
    created_at = Moment()
    updated_at = Moment(allow_null=True)
    object = Text()

    def to_representation(self, instance: Sku) -> dict[str, Any]:
        return sku_as_json(instance)


class ProductResource(Resource[Product]):
    route = "v1/products"
    resource_type = product.RESOURCE
    permission_resource = "products"
    serializer_class = ProductSerializer
    input_class = ProductInput
    update_class = ProductChange
    operations = product.OPERATIONS
    query_filters = _FILTERS
    list_key = "products"
    orderings = _ORDERINGS
    default_order = "created_at"

    def get_queryset(self) -> ProductQuerySet:
        rows: ProductQuerySet = self.project.products.alive()
        alone = query.text(self.request.query_params, "hide") == "sku"
        if self.action == "list" or alone:
            return rows
        skus = Sku.objects.filter(deleted_at=None)
        return rows.prefetch_related(Prefetch("skus", skus, to_attr="loaded_skus"))


class ProductSkuResource(Resource[Sku]):
    """The SKUs of one product."""

    route = "v1/products/<reference:product>/skus"
    resource_type = sku.RESOURCE
    permission_resource = "products"
    serializer_class = SkuSerializer
    input_class = SkuInput
    update_class = SkuChange
    operations = sku.OPERATIONS
    query_filters = _FILTERS
    list_key = "skus"
    orderings = _ORDERINGS
    default_order = "created_at"

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """Return the routes; one SKU is read under ``/v1/skus``."""
        every = cls.as_view({"get": "list", "post": "create"})
        one = cls.as_view({"put": "update", "delete": "destroy"})
        return [
            path(cls.route, every, name="product-skus"),
            path(f"{cls.route}/<reference:reference>", one, name="product-sku"),
        ]

    def get_queryset(self) -> SkuQuerySet:
        rows: SkuQuerySet = self.project.skus.alive().select_related("product")
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.filter(product=self.product)

    @property
    def product(self) -> Product:
        """The product that the path names.

        Raises:
            ResourceNotFound: this project has none.
        """
        return find_product(self.project, self.kwargs["product"])

    @extend_schema(operation_id="v1_products_skus_list")
    def list(self, request: Request, product: str) -> Response:  # type: ignore[override]  # the path names a product too
        """Answer the product's SKUs."""
        return super().list(request)

    @extend_schema(operation_id="v1_products_skus_create")
    def create(self, request: Request, product: str) -> Response:  # type: ignore[override]  # the path names a product too
        """Make a SKU of the body, or update the one it names."""
        made = sku.create_sku(
            product=self.product, now=self.now, **self.parse(SkuInput)
        )
        return Response(self.show(made))

    @extend_schema(operation_id="v1_products_skus_update")
    def update(self, request: Request, product: str, reference: str) -> Response:  # type: ignore[override]  # the path names a product too
        """Change what the body names."""
        return super().update(request, reference)

    @extend_schema(operation_id="v1_products_skus_destroy")
    def destroy(self, request: Request, product: str, reference: str) -> Response:  # type: ignore[override]  # the path names a product too
        """Delete one SKU, with ``?force=true`` past the bin."""
        return super().destroy(request, reference)


class SkuResource(Resource[Sku]):
    """One SKU by itself, with its product inside."""

    route = "v1/skus"
    resource_type = sku.RESOURCE
    permission_resource = "products"
    serializer_class = SkuSerializer

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """Return the one route."""
        one = cls.as_view({"get": "retrieve"})
        return [path(f"{cls.route}/<reference:reference>", one, name="sku")]

    def get_queryset(self) -> SkuQuerySet:
        rows: SkuQuerySet = self.project.skus.alive()
        return rows


def find_product(project: Project, reference: str) -> Product:
    """Return the living product behind an id or a source id.

    Raises:
        ResourceNotFound: this project has none.
    """
    rows = project.products.alive()
    found: Product = find_or_404(rows, reference, product.RESOURCE)
    return found
