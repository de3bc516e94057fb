"""``/v1/vouchers`` and the wallet that browsers see."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.bodies import Offer
from campaigns.api.voucher_filters import FILTERS, with_ids
from campaigns.models import Voucher, VoucherType
from campaigns.services import voucher
from campaigns.services.rendering import rendered_vouchers
from promo.api import query
from promo.api.fields import (
    Choice,
    Flag,
    JsonObject,
    JsonValue,
    ListOf,
    Moment,
    Text,
    WholeNumber,
)
from promo.api.filters import QueryFilters
from promo.api.resource import Resource
from promo.api.schema import ResourceSchema
from promo.api.serializers import ApiSerializer
from promo.api.views import ClientView
from promo.operations import Operations


class VoucherChange(Offer):
    """The fields that an update may name; others are passed over."""

    discount = JsonValue(required=False, allow_null=True)
    gift = JsonValue(required=False, allow_null=True)
    active = Flag(required=False, allow_null=True)
    additional_info = Text(required=False, allow_null=True)


class VoucherInput(VoucherChange):
    """The body of a create."""

    code = JsonValue(required=False, allow_null=True)
    code_config = JsonValue(required=False, allow_null=True)
    type = Choice(VoucherType.values, required=False, allow_null=True)
    loyalty_card = JsonValue(required=False, allow_null=True)
    campaign = Text(shortest=1, longest=255, required=False, allow_null=True)
    campaign_id = Text(shortest=1, longest=255, required=False, allow_null=True)
    redemption = JsonObject(required=False, allow_null=True)
    validation_rules = ListOf(
        Text(shortest=1, longest=255), most=1, required=False, allow_null=True
    )


class VoucherSerializer(ApiSerializer):
    """A voucher as answered; unset fields are null."""

    id = Text()
    code = Text()
    campaign = Text(allow_null=True)
    campaign_id = Text(allow_null=True)
    category = Text(allow_null=True)
    category_id = Text(allow_null=True)
    categories = ListOf(JsonObject())
    type = Choice(VoucherType.values)
    discount = JsonObject(allow_null=True)
    gift = JsonObject(allow_null=True)
    loyalty_card = JsonObject(allow_null=True)
    start_date = Moment(allow_null=True)
    expiration_date = Moment(allow_null=True)
    validity_timeframe = JsonObject(allow_null=True)
    validity_day_of_week = ListOf(WholeNumber(), allow_null=True)
    validity_hours = JsonObject(allow_null=True)
    active = Flag()
    additional_info = Text(allow_null=True)
    metadata = JsonObject()
    assets = JsonObject()
    is_referral_code = Flag()
    holder_id = Text(allow_null=True)
    created_at = Moment()
    updated_at = Moment(allow_null=True)
    validation_rules_assignments = JsonObject()
    redemption = JsonObject()
    publish = JsonObject()
    object = Text()


class VoucherSchema(ResourceSchema):
    """Tells the create with a code in the path from the one without."""

    def get_operation_id(self) -> str:
        """Return an id of its own for each create."""
        name = super().get_operation_id()
        with_code = self.view.action == "create" and "{" in self.path
        return f"{name}_with_code" if with_code else name


class VoucherResource(Resource[Voucher]):
    schema = VoucherSchema()
    route = "v1/vouchers"
    resource_type = "voucher"
    permission_resource = "vouchers"
    serializer_class = VoucherSerializer
    input_class = VoucherInput
    update_class = VoucherChange
    operations = voucher.OPERATIONS
    query_filters = FILTERS
    list_key = "vouchers"
    orderings = {name: name for name in ("created_at", "updated_at", "code")}
    last_page = 99

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """Return the routes; ``POST`` to a code creates the voucher with it."""
        view = cls.as_view(
            {"get": "retrieve", "post": "create", "put": "update", "delete": "destroy"}
        )
        one = path(
            f"{cls.route}/<reference:reference>", view, name="v1-vouchers-detail"
        )
        others = [route for route in super().urls() if route.name != one.name]
        return [one, *others]

    def create(self, request: Request, reference: str | None = None) -> Response:
        """Make a voucher; a code in the path is its code."""
        values = self.parse(VoucherInput)
        if reference is not None:
            values["code"] = reference
        made = voucher.create_voucher(project=self.project, now=self.now, **values)
        return Response(self.show(made))

    def get_queryset(self) -> QuerySet[Voucher]:
        vouchers = self.project.vouchers.alive()
        if self.action == "list":
            vouchers = with_ids(vouchers, self.request.query_params)
        return vouchers.select_related("campaign__category", "category")

    def show(self, shown: Any, *, many: bool = False) -> Any:
        """Return the JSON of vouchers, their rules read by one query."""
        rendered = rendered_vouchers(self.project, list(shown) if many else [shown])
        return rendered if many else rendered[0]


class ClientVoucherResource(VoucherResource, ClientView):
    """The codes of one customer, as the web page of a shop sees them."""

    route = "client/v1/vouchers"
    permission_resource = ""
    operations: ClassVar[Operations[Any]] = Operations()
    switch = "client_list_vouchers_enabled"
    query_filters = QueryFilters(shortcuts={"customer": FILTERS.shortcuts["customer"]})

    @classmethod
    def urls(cls) -> list[URLPattern]:
        return [path(cls.route, cls.as_view({"get": "list"}), name="client-vouchers")]

    def list(self, request: Request) -> Response:
        """Answer the customer's vouchers; nobody lists those of everybody."""
        query.required_text(request.query_params, "customer")
        return super().list(request)
