"""``/v1/orders``."""

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet

from promo.api.columns import MomentColumn, TextColumn
from promo.api.fields import JsonObject, ListOf, Text, WholeNumber
from promo.api.filters import QueryFilters
from promo.api.resource import Resource
from promo.api.serializers import ApiSerializer
from redemptions.api.checkout_body import OrderBody
from redemptions.models import Order, Redemption
from redemptions.services.kept_orders import kept_order_as_json
from redemptions.services.order import OPERATIONS


class OrderInput(OrderBody):
    """An order as sent to be kept."""

    referrer_id = Text(longest=255, required=False, allow_null=True)


class OrderSerializer(ApiSerializer):
    """An order as answered."""

    id = Text()
    source_id = Text(required=False)
    status = Text()
    amount = WholeNumber(required=False)
    discount_amount = WholeNumber(required=False)
    total_discount_amount = WholeNumber(required=False)
    total_amount = WholeNumber(required=False)
    items = ListOf(JsonObject(), required=False)
    customer_id = Text(allow_null=True)
    referrer_id = Text(allow_null=True)
    metadata = JsonObject()
    redemptions = JsonObject(required=False)
    created_at = Text()
    updated_at = Text(required=False)
    object = Text()

    def to_representation(self, instance: Order) -> dict[str, Any]:
        """Return the order with its redemptions."""
        return kept_order_as_json(instance, instance.redemptions.all())


class OrderResource(Resource[Order]):
    route = "v1/orders"
    resource_type = "order"
    permission_resource = "orders"
    serializer_class: ClassVar[type[Any]] = OrderSerializer
    input_class = OrderInput
    operations = OPERATIONS
    query_filters = QueryFilters(
        columns={
            "status": TextColumn("status"),
            "source_id": TextColumn("source_id"),
            "created_at": MomentColumn("created_at"),
            "updated_at": MomentColumn("updated_at"),
        }
    )
    list_key = "orders"
    orderings = {name: name for name in ("created_at", "updated_at")}
    default_order = "created_at"

    def get_queryset(self) -> QuerySet[Order]:
        about = Redemption.objects.select_related("campaign").order_by(
            "created_at", "pk"
        )
        orders = self.project.orders.alive().select_related("customer", "referrer")
        return orders.prefetch_related(Prefetch("redemptions", queryset=about))
