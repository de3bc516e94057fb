"""``/v1/product-collections`` and what is in one."""

from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import CollectionType, Product, ProductCollection
from campaigns.services import collection
from campaigns.services.collection_members import (
    Member,
    NamedItem,
    load_members,
    members_of,
    with_members,
)
from campaigns.wire.catalogue import (
    collection_as_json,
    product_as_json,
    sku_with_product,
)
from promo.api import query
from promo.api.event_feed import EventFeed
from promo.api.fields import (
    Choice,
    JsonObject,
    JsonValue,
    ListOf,
    Moment,
    Text,
    WholeNumber,
)
from promo.api.pagination import PagePagination, envelope
from promo.api.resource import Resource, find_or_404
from promo.api.serializers import ApiSerializer
from promo.errors import InvalidPayload
from promo.outbox.models import DomainEvent


class CollectionItemInput(ApiSerializer):
    """An entry of a static collection."""

    id = Text(shortest=1, longest=255)
    object = Choice(("product", "sku"), required=False)
    product_id = Text(longest=255, required=False)

    def to_internal_value(self, data: Any) -> NamedItem:
        read = super().to_internal_value(data)
        return NamedItem(read["id"], read.get("object", "product"))


class CollectionChange(ApiSerializer):
    """The body of an update."""

    name = Text(shortest=1, longest=255, required=False)
    filter = JsonValue(required=False)


class CollectionInput(ApiSerializer):
    """The body of a create: ``products`` or a ``filter``, as ``type`` says."""

    name = Text(shortest=1, longest=255)
    type = Choice(CollectionType.values)
    products = ListOf(
        CollectionItemInput(), most=collection.MOST_SENT_ITEMS, required=False
    )
    filter = JsonValue(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["type"] == CollectionType.STATIC and not attrs.get("products"):
            details = "'STATIC' collection must contain non-empty 'products'"
            raise InvalidPayload(details)
        return attrs


class CollectionSerializer(ApiSerializer):
    """A collection as answered."""

    id = Text()
    name = Text()
    type = Text()
    filter = JsonObject(required=False)
    products = ListOf(JsonObject(), required=False)
    created_at = Moment()
    updated_at = Moment(required=False)
    object = Text()

    def to_representation(self, instance: ProductCollection) -> dict[str, Any]:
        return collection_as_json(instance)


class CollectedThing(ApiSerializer):
    """A product, or a SKU with its product inside."""

    id = Text()
    object = Text()


class CollectedThings(ApiSerializer):
    """What is in a collection."""

    object = Text()
    data_ref = Text()
    data = ListOf(CollectedThing())  # type: ignore[assignment]  # a field, not what was parsed
    total = WholeNumber()


class CollectionResource(Resource[ProductCollection]):
    route = "v1/product-collections"
    resource_type = collection.RESOURCE
    permission_resource = "collections"
    serializer_class = CollectionSerializer
    input_class = CollectionInput
    update_class = CollectionChange
    operations = collection.OPERATIONS
    orderings = {name: name for name in ("created_at", "updated_at", "name")}
    default_order = "created_at"

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """Return the routes, that of the members among them."""
        route = f"{cls.route}/<reference:reference>/products"
        view = cls.as_view({"get": "members"})
        return [*super().urls(), path(route, view, name="collection-products")]

    def required_permission(self) -> str:
        """Return the code that the running verb needs; members are read."""
        if self.action == "members":
            return "collections.read"
        return super().required_permission()

    def get_queryset(self) -> QuerySet[ProductCollection]:
        rows = self.project.product_collections.select_related("project")
        return with_members(rows)

    @extend_schema(
        operation_id="v1_product_collections_products_list",
        parameters=[
            OpenApiParameter("limit", int),
            OpenApiParameter("page", int),
            OpenApiParameter("order", str, enum=["created_at", "-created_at"]),
            OpenApiParameter("starting_after", str),
        ],
        responses={200: CollectedThings},
    )
    def members(self, request: Request, reference: str) -> Response:
        """Answer the products and SKUs that are in a collection."""
        pages = PagePagination(default_order="created_at")
        limit, page = pages.read_limit(request), pages.read_page(request)
        newest_first = pages.read_order(request).descending
        behind = query.moment(request.query_params, "starting_after")
        ids = members_of(
            self.find(reference), now=self.now, after=behind, newest_first=newest_first
        )
        shown = load_members(self.project, ids[(page - 1) * limit : page * limit])
        return Response(envelope("data", [_shown(m) for m in shown], total=len(ids)))


class CollectionActivitiesResource(EventFeed):
    """When a collection was made, and its name or filter changed."""

    route = "v1/product-collections/<reference:reference>/activities"
    resource_type = "products_collection_event"
    permission_resource = "collections"

    def find_subject(self, reference: str) -> str:
        rows = self.project.product_collections.all()
        found: ProductCollection = find_or_404(rows, reference, collection.RESOURCE)
        return found.pk

    def events_of(self, subject_id: str) -> QuerySet[DomainEvent]:
        # Both empty: the index of events about a thing alone holds only these.
        return DomainEvent.objects.filter(
            project=self.project, entity_id=subject_id, customer_id="", campaign_id=""
        )


def _shown(member: Member) -> dict[str, Any]:
    if isinstance(member, Product):
        return product_as_json(member)
    return sku_with_product(member)
