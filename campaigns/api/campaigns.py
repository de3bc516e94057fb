"""``/v1/campaigns`` and the codes of one campaign."""

from typing import Any

from django.db.models import Exists, QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.bodies import LenientJSONParser, Offer
from campaigns.api.campaign_filters import FILTERS
from campaigns.api.promotion_tiers import TierChange
from campaigns.api.vouchers import VoucherSerializer
from campaigns.models import Campaign, CampaignType, PoolType
from campaigns.services import campaign
from campaigns.services.places import assigned_to, places_as_json, places_of
from campaigns.services.rendering import rendered_campaigns, rendered_voucher
from campaigns.services.voucher import add_voucher, add_vouchers
from promo.api import query
from promo.api.deep_query import nested
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
from promo.api.resource import Resource, find_or_404
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView

ACCEPTED = 202
MOST_CODES = 2**31 - 1


class CampaignFields(Offer):
    """What both a create and an update may name."""

    description = Text(required=False, allow_null=True)
    type = Choice(PoolType.values, required=False, allow_null=True)
    join_once = Flag(required=False, allow_null=True)
    auto_join = Flag(required=False, allow_null=True)
    activity_duration_after_publishing = Text(required=False, allow_null=True)
    voucher = JsonObject(required=False, allow_null=True)
    access_settings = JsonObject(required=False, allow_null=True)


class CampaignChange(CampaignFields):
    """The fields that an update may name; others are passed over."""

    unset_metadata_fields = ListOf(Text(), required=False, allow_null=True)
    default_voucher_redemption = JsonObject(required=False, allow_null=True)


class PromotionInput(ApiSerializer):
    """The tiers that a promotion starts with."""

    tiers = ListOf(TierChange(), required=False, most=100)


class CampaignInput(CampaignFields):
    """The body of a create."""

    name = Text(shortest=1, longest=255)
    campaign_type = Choice(CampaignType.values, required=False, allow_null=True)
    use_voucher_metadata_schema = Flag(required=False, allow_null=True)
    vouchers_count = WholeNumber(
        least=-MOST_CODES, most=MOST_CODES, required=False, allow_null=True
    )
    active = Flag(required=False, allow_null=True)
    validation_rules = ListOf(
        Text(shortest=1, longest=255), most=1, required=False, allow_null=True
    )
    promotion = PromotionInput(required=False, allow_null=True)
    referral_program = JsonObject(required=False, allow_null=True)


class CampaignSerializer(ApiSerializer):
    """A campaign as answered; unset fields are left out."""

    id = Text()
    name = Text()
    description = Text(required=False)
    campaign_type = Choice(CampaignType.values)
    type = Choice(PoolType.values)
    voucher = JsonObject(required=False)
    promotion = JsonObject(required=False)
    referral_program = JsonObject(required=False)
    auto_join = Flag()
    join_once = Flag()
    use_voucher_metadata_schema = Flag()
    start_date = Moment(required=False)
    expiration_date = Moment(required=False)
    validity_timeframe = JsonObject(required=False)
    validity_day_of_week = ListOf(WholeNumber(), required=False)
    validity_hours = JsonObject(required=False)
    activity_duration_after_publishing = Text(required=False)
    vouchers_count = WholeNumber(required=False)
    active = Flag()
    metadata = JsonObject()
    created_at = Moment()
    updated_at = Moment(required=False)
    category = Text(required=False)
    creation_status = Text()
    vouchers_generation_status = Text()
    protected = Flag()
    category_id = Text(allow_null=True)
    categories = ListOf(JsonObject())
    validation_rules_assignments = JsonObject()
    object = Text()


class CampaignResource(Resource[Campaign]):
    route = "v1/campaigns"
    resource_type = "campaign"
    permission_resource = "campaigns"
    serializer_class = CampaignSerializer
    input_class = CampaignInput
    update_class = CampaignChange
    operations = campaign.OPERATIONS
    query_filters = FILTERS
    list_key = "campaigns"
    orderings = {name: name for name in ("created_at", "updated_at")}

    def get_queryset(self) -> QuerySet[Campaign]:
        rows = self.project.campaigns.alive().select_related("category")
        rows = rows.prefetch_related("places") if self._shows_places() else rows
        wanted = nested(self.request.query_params, "access_settings") or {}
        if self.action != "list" or not isinstance(wanted, dict) or not wanted:
            return rows
        places = places_of(wanted.get("filter"), ".access_settings.filter")
        return rows.filter(Exists(assigned_to(self.project, places)))

    def _shows_places(self) -> bool:
        expand = ",".join(self.request.query_params.getlist("expand"))
        return "access_settings_assignments" in expand.split(",")

    def show(self, shown: Any, *, many: bool = False) -> Any:
        """Return the JSON of campaigns; lists show categories only on demand."""
        expand = self.request.query_params.getlist("expand")
        expanded = ",".join(expand).split(",")
        with_categories = not many or "category" in expanded
        campaigns = list(shown) if many else [shown]
        rendered = rendered_campaigns(
            self.project, campaigns, with_categories=with_categories
        )
        if "access_settings_assignments" in expanded:
            for one, wire in zip(campaigns, rendered, strict=True):
                wire["access_settings_assignments"] = places_as_json(one)
        return rendered if many else rendered[0]

    def destroy(self, request: Request, reference: str) -> Response:
        """Delete a campaign; the answer names the work that takes its codes along."""
        force = query.flag(request.query_params, "force")
        found = self.find(reference)
        action = campaign.delete_campaign(found, now=self.now, force=force)
        return Response({"async_action_id": action.pk}, status=ACCEPTED)

    def command(self, request: Request, reference: str) -> Response:
        """Switch a campaign; the answer is empty."""
        super().command(request, reference)
        return Response({})


class NewVouchers(Offer):
    """What new vouchers of a campaign have of their own."""

    code = JsonValue(required=False, allow_null=True)
    code_config = JsonObject(required=False, allow_null=True)
    redemption = JsonObject(required=False, allow_null=True)
    additional_info = Text(required=False, allow_null=True)
    active = Flag(required=False, allow_null=True)


class CampaignVouchers(ApiView):
    """``POST /v1/campaigns/{id}/vouchers``: one voucher now, or many later."""

    permission = "vouchers.create"
    parser_classes = [LenientJSONParser]

    @property
    def campaign(self) -> Campaign:
        """The campaign that the path names.

        Raises:
            ResourceNotFound: this project has none.
        """
        rows = self.project.campaigns.alive().select_related("category")
        found: Campaign = find_or_404(rows, self.kwargs["reference"], "campaign")
        found.project = self.project
        return found

    @extend_schema(request=NewVouchers, responses={200: VoucherSerializer})
    def post(self, request: Request, reference: str) -> Response:
        count = query.whole_number(
            request.query_params,
            "vouchers_count",
            least=-MOST_CODES,
            most=MOST_CODES,
            default=1,
        )
        body = self.parse(NewVouchers)
        if count == 1:
            made = add_voucher(self.campaign, now=self.now, **body)
            return Response(rendered_voucher(made))
        action = add_vouchers(self.campaign, count=count, now=self.now, **body)
        return Response({"async_action_id": action.pk}, status=ACCEPTED)


class CampaignVoucher(CampaignVouchers):
    """``POST /v1/campaigns/{id}/vouchers/{code}``: one voucher with this code."""

    @extend_schema(
        operation_id="v1_campaigns_vouchers_create_with_code",
        request=NewVouchers,
        responses={200: VoucherSerializer},
    )
    def post(self, request: Request, reference: str, code: str) -> Response:  # type: ignore[override]  # the path names a code
        body = self.parse(NewVouchers)
        made = add_voucher(self.campaign, now=self.now, **(body | {"code": code}))
        return Response(rendered_voucher(made))


URLS: list[URLPattern] = [
    *CampaignResource.urls(),
    path(
        "v1/campaigns/<reference:reference>/vouchers",
        CampaignVouchers.as_view(),
        name="campaign-vouchers",
    ),
    path(
        "v1/campaigns/<reference:reference>/vouchers/<reference:code>",
        CampaignVoucher.as_view(),
        name="campaign-voucher",
    ),
]
