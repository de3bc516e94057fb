"""How holders are listed, whosever list it is; and the wallet of a customer."""

from typing import Any, ClassVar

from django.db.models import CharField, QuerySet, Value
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Holder
from campaigns.models.campaign import CAMPAIGN_PREFIX
from campaigns.models.holder import HOLDER_PREFIX
from campaigns.models.voucher import VOUCHER_PREFIX
from campaigns.services.holders import RESOURCE
from campaigns.wire.holder import holder_as_json, redeemable_as_json
from customers.models.customer import ID_PREFIX
from customers.services.customer import find_customer
from promo.api.columns import Column, IdColumn, MomentColumn, TextColumn
from promo.api.fields import JsonObject, Text
from promo.api.filters import QueryFilters
from promo.api.pagination import IdPagination, ListPagination
from promo.api.resource import Resource
from promo.api.serializers import ApiSerializer

_SHARED: dict[str, Column] = {
    "id": IdColumn("pk", HOLDER_PREFIX),
    "created_at": MomentColumn("created_at"),
    "holder_role": TextColumn("role"),
}


class HolderPagination(IdPagination):
    """The records behind one record, and how many fit in all."""

    extra_properties = {
        "total": {"type": "integer"},
        **IdPagination.extra_properties,
    }

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any]:
        """Return the records behind the one named."""
        total = queryset.count()
        rows = super().paginate_queryset(queryset, request, view)
        self.extra = {"total": total, **self.extra}
        return rows


class _Held(ApiSerializer):
    """What both answers say of who has a code."""

    id = Text()
    created_at = Text()
    redeemable_id = Text()
    redeemable_object = Text()
    customer_id = Text()
    holder_role = Text()
    campaign_id = Text(allow_null=True)
    campaign_type = Text(allow_null=True)
    voucher_type = Text()


class HolderSerializer(_Held):
    """Who has a code, as answered."""

    metadata = JsonObject()
    object = Text()

    def to_representation(self, instance: Holder) -> dict[str, Any]:
        return holder_as_json(instance)


class RedeemableSerializer(_Held):
    """One thing of a wallet, as answered."""

    redeemable = JsonObject()

    def to_representation(self, instance: Holder) -> dict[str, Any]:
        return redeemable_as_json(instance, now=self.context["now"])


class HolderList(Resource[Holder]):
    """Records of holders, newest first; a subclass says whose, and the routes."""

    resource_type = RESOURCE
    serializer_class: ClassVar[type[Any]] = HolderSerializer
    pagination_class: ClassVar[type[ListPagination]] = HolderPagination
    orderings = {"id": "id"}
    default_order = "-id"
    query_filters = QueryFilters(
        columns={**_SHARED, "customer_id": IdColumn("customer_id", ID_PREFIX)}
    )

    def required_permission(self) -> str:
        """Return the code that reading about people needs."""
        return "customers.details.read"


class WalletResource(HolderList):
    """What one customer holds."""

    route = "v1/customers/<reference:reference>/redeemables"
    serializer_class: ClassVar[type[Any]] = RedeemableSerializer
    query_filters = QueryFilters(
        columns={
            **_SHARED,
            "redeemable_id": IdColumn("voucher_id", VOUCHER_PREFIX),
            "redeemable_object": TextColumn("redeemable_object"),
            "campaign_id": IdColumn("voucher__campaign_id", CAMPAIGN_PREFIX),
            "campaign_type": TextColumn("voucher__campaign__campaign_type"),
            "voucher_type": TextColumn("voucher__type"),
        }
    )

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """Return the one route."""
        view = cls.as_view({"get": "wallet"})
        return [path(cls.route, view, name="v1-customers-redeemables")]

    @extend_schema(
        operation_id="customers_redeemables_list",
        responses={200: RedeemableSerializer(many=True)},
    )
    def wallet(self, request: Request, reference: str) -> Response:
        """Answer what the customer holds, newest first."""
        self.customer_id = find_customer(self.project, reference).pk
        return self.list(request)

    def get_queryset(self) -> QuerySet[Holder]:
        rows = self.project.holders.alive().filter(
            customer=getattr(self, "customer_id", None)
        )
        kind = Value("voucher", output_field=CharField())
        return rows.alias(redeemable_object=kind).with_related()
