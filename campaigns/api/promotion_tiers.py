"""``/v1/promotions/tiers`` and the tiers of one promotion."""

from typing import Any, ClassVar

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Campaign, PromotionTier
from campaigns.models.promotion import PromotionTierQuerySet
from campaigns.services import promotion_tier
from campaigns.services.tier_availability import available_tiers
from campaigns.services.tier_hierarchy import MOST
from promo.api import query
from promo.api.fields import (
    Flag,
    JsonObject,
    JsonValue,
    ListOf,
    Moment,
    Text,
    WholeNumber,
)
from promo.api.pagination import ListPagination, PagePagination, WholeList
from promo.api.resource import Resource, find_or_404
from promo.api.serializers import ApiSerializer
from promo.api.views import ClientView
from promo.errors import InvalidPayload
from promo.operations import Operations


class TierChange(ApiSerializer):
    """The fields of a tier that can be sent; the service knows their grammar."""

    name = Text(shortest=1, longest=255)
    banner = Text(required=False, allow_null=True)
    action = JsonObject()
    metadata = JsonObject(required=False, allow_null=True)
    hierarchy = WholeNumber(least=1, most=MOST, required=False)
    active = Flag(required=False)
    start_date = Moment(required=False, allow_null=True)
    expiration_date = Moment(required=False, allow_null=True)
    validity_timeframe = JsonObject(required=False, allow_null=True)
    validity_day_of_week = JsonValue(required=False, allow_null=True)
    validity_hours = JsonObject(required=False, allow_null=True)
    category = Text(shortest=1, longest=255, required=False, allow_null=True)
    category_id = Text(shortest=1, longest=255, required=False, allow_null=True)
    validation_rules = ListOf(
        Text(shortest=1, longest=255), required=False, most=1, allow_null=True
    )
    validation_rule_assignments = JsonValue(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Read the rule from whichever of both fields names one."""
        listed = attrs.pop("validation_rule_assignments", None)
        if listed is not None and attrs.get("validation_rules") is None:
            attrs["validation_rules"] = _rule_ids(listed)
        return attrs


def _rule_ids(listed: Any) -> list[str]:
    """Return the rules in a list of assignments, or in a bare array of either."""
    path = ".validation_rule_assignments"
    entries = listed.get("data") if isinstance(listed, dict) else listed
    if not isinstance(entries, list):
        raise InvalidPayload(f"Property {path} must be object")
    ids = [
        entry.get("rule_id") if isinstance(entry, dict) else entry for entry in entries
    ]
    if not all(isinstance(rule_id, str) for rule_id in ids):
        raise InvalidPayload(f"Property {path} should have required property 'rule_id'")
    if len(ids) > 1:
        raise InvalidPayload(f"Property {path} must NOT have more than 1 items")
    return [str(rule_id) for rule_id in ids]


class TierSerializer(ApiSerializer):
    """A tier as answered."""

    id = Text()
    created_at = Moment()
    updated_at = Moment(required=False)
    name = Text()
    banner = Text(allow_null=True)
    action = JsonObject()
    metadata = JsonObject()
    hierarchy = WholeNumber()
    promotion_id = Text()
    campaign = JsonObject()
    campaign_id = Text()
    active = Flag()
    start_date = Moment(required=False)
    expiration_date = Moment(required=False)
    validity_timeframe = JsonObject(required=False)
    validity_day_of_week = ListOf(WholeNumber(), required=False)
    validity_hours = JsonObject(required=False)
    category = Text(required=False)
    category_id = Text(allow_null=True)
    categories = ListOf(JsonObject())
    summary = JsonObject()
    validation_rule_assignments = JsonObject(allow_null=True)
    object = Text()


class TierPages(PagePagination):
    """Pages that say whether there is another one."""

    extra_properties = {
        "total": {"type": "integer"},
        "has_more": {"type": "boolean"},
    }

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any]:
        rows = super().paginate_queryset(queryset, request, view)
        before = (self.read_page(request) - 1) * self.read_limit(request)
        self.extra["has_more"] = before + len(rows) < self.extra["total"]
        return rows


class AllTiers(WholeList):
    """A promotion's tiers, given whole."""

    extra_properties = TierPages.extra_properties

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any]:
        rows = super().paginate_queryset(queryset, request, view)
        self.extra["has_more"] = False
        return rows


class TierResource(Resource[PromotionTier]):
    route = "v1/promotions/tiers"
    resource_type = promotion_tier.RESOURCE
    permission_resource = "promotions"
    serializer_class = TierSerializer
    update_class = TierChange
    operations = promotion_tier.OPERATIONS
    pagination_class: ClassVar[type[ListPagination]] = TierPages
    list_key = "tiers"
    orderings = {name: name for name in ("created_at", "updated_at")}

    def get_queryset(self) -> PromotionTierQuerySet:
        tiers: PromotionTierQuerySet = self.project.promotion_tiers.alive()
        if self.action == "list" and query.flag(
            self.request.query_params, "is_available"
        ):
            tiers = available_tiers(self.project, tiers, now=self.now)
        return tiers.select_related("campaign", "category")

    def show(self, shown: Any, *, many: bool = False) -> Any:
        """Return the JSON of tiers, their assignments read by one query."""
        tiers = shown if many else [shown]
        rendered = promotion_tier.rendered_tiers(self.project, tiers)
        return rendered if many else rendered[0]


class CampaignTierResource(TierResource):
    """The tiers of one promotion."""

    route = "v1/promotions/<reference:campaign>/tiers"
    input_class = TierChange
    pagination_class = AllTiers

    def get_queryset(self) -> PromotionTierQuerySet:
        tiers = super().get_queryset()
        return (
            tiers
            if getattr(self, "swagger_fake_view", False)
            else tiers.filter(campaign=self.promotion)
        )

    @property
    def promotion(self) -> Campaign:
        """The campaign that the path names.

        Raises:
            ResourceNotFound: this project has none.
        """
        campaigns = self.project.campaigns.alive()
        found: Campaign = find_or_404(campaigns, self.kwargs["campaign"], "campaign")
        return found

    @classmethod
    def urls(cls) -> list[URLPattern]:
        view = cls.as_view({"get": "list", "post": "create"})
        return [path(cls.route, view, name="campaign-tiers")]

    @extend_schema(operation_id="v1_promotions_campaign_tiers_list")
    def list(self, request: Request, campaign: str) -> Response:  # type: ignore[override]  # the path names a campaign
        return super().list(request)

    def create(self, request: Request, campaign: str) -> Response:  # type: ignore[override]  # the path names a campaign
        promotion = self.promotion
        tier = promotion_tier.create_tier(
            project=self.project,
            campaign=promotion,
            now=self.now,
            **self.parse(TierChange),
        )
        return Response(self.show(tier))


class ClientTierResource(TierResource, ClientView):
    """The tiers as a shop's pages see them."""

    route = "client/v1/promotions/tiers"
    permission_resource = ""
    operations = Operations()

    @classmethod
    def urls(cls) -> list[URLPattern]:
        return [path(cls.route, cls.as_view({"get": "list"}), name="client-tiers")]
