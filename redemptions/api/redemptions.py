"""Reading redemptions and rollbacks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from promo.api.columns import MomentColumn, TextColumn
from promo.api.fields import JsonObject, ListOf, Text, WholeNumber
from promo.api.filters import QueryFilters
from promo.api.resource import Resource, find_or_404
from promo.api.serializers import ApiSerializer
from promo.filter_grammar import Condition
from redemptions.api.checkout import (
    EXPLAIN,
    CheckoutCaller,
    RedemptionAnswer,
    redeem_as_asked,
)
from redemptions.api.checkout_body import (
    CheckoutBody,
    SingleBody,
    as_single_request,
)
from redemptions.models import Redemption
from redemptions.services.kept_orders import kept_order_as_json
from redemptions.services.redeem import redeem
from redemptions.wire.redemption import redemption_as_json, related_redemptions


class RedemptionSerializer(ApiSerializer):
    """A redemption or rollback as answered."""

    id = Text()
    object = Text()
    date = Text()
    result = Text()
    status = Text()
    customer_id = Text(allow_null=True)
    tracking_id = Text(allow_null=True)
    metadata = JsonObject(allow_null=True)
    order = JsonObject(allow_null=True)
    customer = JsonObject(allow_null=True)
    voucher = JsonObject(allow_null=True)
    related_object_type = Text(allow_null=True)
    related_object_id = Text(allow_null=True)
    channel = JsonObject()

    def to_representation(self, instance: Redemption) -> dict[str, Any]:
        """Return the row as the wire module shows it."""
        return redemption_as_json(instance)


class CustomerColumn(TextColumn):
    """A customer's id or source id."""

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows of the customers named."""
        by_source = super().matches(condition, name, path, now)
        values = [str(value) for value in condition.values]
        ids = [value for value in values if value.startswith("cust_")]
        by_id = Q()
        for value in ids:
            by_id |= Q(customer__in=[value]) if _is_id(value) else Q(pk__in=[])
        return by_source | by_id if ids else by_source


def _is_id(value: str) -> bool:
    digits = value.removeprefix("cust_")
    return len(digits) == len("0" * 32) and all(c in "0123456789abcdef" for c in digits)


_TEXTS: Mapping[str, str] = {
    "voucher_code": "voucher_code",
    "related_object_id": "related_object_id",
    "related_object_parent_id": "campaign__name",
    "failure_code": "failure_code",
    "result": "result",
    "object": "object",
    "campaign_name": "campaign__name",
    "user_login": "channel_id",
}
_CUSTOMER = CustomerColumn("customer__source_id")


class RedemptionResource(CheckoutCaller, Resource[Redemption]):
    route = "v1/redemptions"
    resource_type = "redemption"
    permission_resource = "redemptions"
    serializer_class: ClassVar[type[Any]] = RedemptionSerializer
    query_filters = QueryFilters(
        columns={
            **{name: TextColumn(lookup) for name, lookup in _TEXTS.items()},
            "customer_id": _CUSTOMER,
            "created_at": MomentColumn("created_at"),
        },
        shortcuts={
            "campaign": TextColumn("campaign__name"),
            "campaign_name": TextColumn("campaign__name"),
            "customer": _CUSTOMER,
            "voucher_code": TextColumn("voucher_code"),
            "related_object_id": TextColumn("related_object_id"),
        },
    )
    list_key = "redemptions"
    orderings = {
        name: name
        for name in ("created_at", "id", "voucher_code", "tracking_id", "customer_id")
    }
    last_page = 99

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """Return the routes; posting to the list redeems."""
        one = f"{cls.route}/<reference:reference>"
        whole = cls.as_view({"get": "list", "post": "redeem"})
        return [
            path(cls.route, whole, name="v1-redemptions-list"),
            path(one, cls.as_view({"get": "retrieve"}), name="v1-redemptions-detail"),
        ]

    def required_permission(self) -> str:
        """Return the code that the running verb needs."""
        if self.action == "redeem":
            return "redemptions.redeem"
        return super().required_permission()

    @extend_schema(
        operation_id="redemptions_create",
        parameters=[EXPLAIN],
        request=CheckoutBody,
        responses={200: RedemptionAnswer},
    )
    def redeem(self, _: Request) -> Response:
        """Use up redeemables."""
        return redeem_as_asked(self)

    def get_queryset(self) -> QuerySet[Redemption]:
        rows = self.project.redemptions.with_related()
        wanted = self.request.query_params.getlist("result")
        if self.action != "retrieve" and wanted:
            rows = rows.filter(result__in=wanted)
        return rows

    def retrieve(self, request: Request, reference: str) -> Response:
        """Answer one row with its siblings and its order's redemptions."""
        row = self.find(reference)
        about = [row]
        if row.order is not None:
            related = row.order.redemptions.select_related("campaign")
            about = list(related.order_by("created_at", "pk"))
        shown = redemption_as_json(row)
        shown |= related_redemptions(row, about)
        if row.order is not None and shown["order"] is not None:
            linked = kept_order_as_json(row.order, about).get("redemptions", {})
            shown["order"] = {**shown["order"], "redemptions": linked}
        return Response(shown)


class VoucherRedemptions(ApiSerializer):
    """What was done with one voucher."""

    quantity = WholeNumber(allow_null=True)
    redeemed_quantity = WholeNumber()
    object = Text()
    url = Text()
    data_ref = Text()
    total = WholeNumber()
    redemption_entries = ListOf(JsonObject())


class VoucherRedemptionResource(RedemptionResource):
    """The redemptions and rollbacks of one voucher, newest first."""

    route = "v1/vouchers/<reference:code>/redemption"
    list_key = "redemption_entries"

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """Return the one route."""
        view = cls.as_view({"get": "list_of_voucher", "post": "redeem_voucher"})
        return [path(cls.route, view, name="v1-voucher-redemptions")]

    @extend_schema(
        operation_id="vouchers_redemption_list", responses={200: VoucherRedemptions}
    )
    def list_of_voucher(self, request: Request, code: str) -> Response:
        """Answer the list beside the voucher's own counts."""
        voucher = find_or_404(self.project.vouchers.alive(), code, "voucher")
        answer = self.list(request)
        answer.data |= {
            "quantity": voucher.redemption_quantity,
            "redeemed_quantity": voucher.redeemed_quantity,
            "url": f"/v1/vouchers/{voucher.code}/redemptions?page=1&limit=10",
        }
        return answer

    def required_permission(self) -> str:
        """Return the code that reading, or redeeming, needs."""
        redeems = self.action == "redeem_voucher"
        return "redemptions.redeem" if redeems else "redemptions.read"

    @extend_schema(
        operation_id="vouchers_redeem",
        request=SingleBody,
        responses={200: RedemptionSerializer},
    )
    def redeem_voucher(self, _: Request, code: str) -> Response:
        """Use one voucher; deprecated, as the list of redeemables holds one too."""
        body = self.parse(SingleBody)
        find_or_404(self.project.vouchers.alive(), code, "voucher")
        request = as_single_request(body, "voucher", code)
        done = redeem(project=self.project, request=request, now=self.now)
        return Response(redemption_as_json(done.rows[0]))

    def get_queryset(self) -> QuerySet[Redemption]:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        vouchers = self.project.vouchers.alive().by_reference(self.kwargs["code"])
        return rows.filter(voucher__in=vouchers.order_by().values("pk")[:1])
