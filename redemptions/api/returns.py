"""``/v1/orders/{orderId}/returns``: units of an order that came back."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from promo.api.columns import MomentColumn, TextColumn
from promo.api.fields import INTEGER, JsonObject, ListOf, Text, WholeNumber
from promo.api.filters import QueryFilters
from promo.api.resource import Resource, find_or_404
from promo.api.serializers import ApiSerializer
from redemptions.api.checkout_body import MAX_ITEMS, Quantity
from redemptions.models import Order, OrderReturn
from redemptions.services.returns import return_items
from redemptions.services.sold_lines import AskedLine
from redemptions.wire.order_return import return_as_json


class ReturnedItemBody(ApiSerializer):
    """Units of one line, which is named by one of the ids or by its index."""

    id = Text(shortest=1, longest=255, required=False, allow_null=True)
    index = WholeNumber(least=0, most=INTEGER, required=False, allow_null=True)
    source_id = Text(shortest=1, longest=255, required=False, allow_null=True)
    product_id = Text(shortest=1, longest=255, required=False, allow_null=True)
    sku_id = Text(shortest=1, longest=255, required=False, allow_null=True)
    quantity = Quantity()


class ReturnBody(ApiSerializer):
    """Units that come back."""

    items = ListOf(ReturnedItemBody(), fewest=1, most=MAX_ITEMS)
    reason = Text(required=False, allow_null=True)
    metadata = JsonObject(required=False)
    source_id = Text(shortest=1, longest=512, required=False, allow_null=True)


class ReturnSerializer(ApiSerializer):
    """A return as answered; money in minor units."""

    id = Text()
    order_id = Text()
    source_id = Text(allow_null=True)
    reason = Text(allow_null=True)
    metadata = JsonObject()
    amount = WholeNumber()
    discount_amount = WholeNumber()
    refund_amount = WholeNumber()
    items = ListOf(JsonObject())
    redemptions = ListOf(JsonObject())
    created_at = Text()
    object = Text()

    def to_representation(self, instance: OrderReturn) -> dict[str, Any]:
        """Return the return as the wire module shows it."""
        return return_as_json(instance, instance.lines.all(), instance.shares.all())


class OrderReturnResource(Resource[OrderReturn]):
    """The returns of one order, newest first."""

    route = "v1/orders/<reference:order>/returns"
    resource_type = "order_return"
    permission_resource = "orders"
    serializer_class: ClassVar[type[Any]] = ReturnSerializer
    input_class = ReturnBody
    list_key = "order_returns"
    query_filters = QueryFilters(
        columns={
            "source_id": TextColumn("source_id"),
            "created_at": MomentColumn("created_at"),
        }
    )

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """Return the routes; posting to the list returns units."""
        every = cls.as_view({"get": "list", "post": "create"})
        one = cls.as_view({"get": "retrieve"})
        return [
            path(cls.route, every, name="order-returns"),
            path(f"{cls.route}/<reference:reference>", one, name="order-return"),
        ]

    def required_permission(self) -> str:
        """Return the code that the verb needs; a return takes discounts back."""
        if self.action == "create":
            return "redemptions.rollback"
        return super().required_permission()

    @property
    def order(self) -> Order:
        """The order that the path names.

        Raises:
            ResourceNotFound: this project has none.
        """
        found: Order = find_or_404(
            self.project.orders.alive(), self.kwargs["order"], "order"
        )
        return found

    def get_queryset(self) -> QuerySet[OrderReturn]:
        rows: QuerySet[OrderReturn] = self.project.order_returns.with_related()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.filter(order=self.order)

    @extend_schema(operation_id="orders_returns_list")
    def list(self, request: Request, order: str) -> Response:  # type: ignore[override]  # the path names an order too
        """Answer the returns."""
        return super().list(request)

    @extend_schema(operation_id="orders_returns_create")
    def create(self, request: Request, order: str) -> Response:  # type: ignore[override]  # the path names an order too
        """Take units back; one with the ``source_id`` of an earlier one is that."""
        found = self.order
        body = self.parse(ReturnBody)
        made = return_items(
            project=self.project,
            order=found.pk,
            lines=[AskedLine(**item) for item in body["items"]],
            reason=body.get("reason") or "",
            metadata=body.get("metadata"),
            source_id=body.get("source_id"),
            now=self.now,
        )
        return Response(self.show(self.reread(made)))

    @extend_schema(operation_id="orders_returns_retrieve")
    def retrieve(self, request: Request, order: str, reference: str) -> Response:  # type: ignore[override]  # the path names an order too
        """Answer one return."""
        return Response(self.show(self.find(reference)))
