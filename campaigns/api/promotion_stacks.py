"""``/v1/promotions/stacks`` and the stacks of one promotion."""

from typing import Any, ClassVar

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Campaign, PromotionStack
from campaigns.models.promotion_stack import PromotionStackQuerySet
from campaigns.services import promotion_stack
from campaigns.services.promotion_stack import MOST_TIERS
from campaigns.wire.stack import stack_as_json
from promo.api.columns import MomentColumn
from promo.api.fields import Choice, JsonObject, ListOf, Moment, Text
from promo.api.filters import QueryFilters
from promo.api.pagination import ListPagination, WholeList
from promo.api.resource import Resource, find_or_404
from promo.api.serializers import ApiSerializer
from promo.operations import Operations


class StackTiers(ApiSerializer):
    """The tiers of a stack, in the order in which they are applied."""

    ids = ListOf(Text(shortest=1, longest=255), fewest=1, most=MOST_TIERS)
    hierarchy_mode = Choice(("MANUAL",), required=False, allow_null=True)


class StackInput(ApiSerializer):
    """The fields of a stack that can be sent."""

    name = Text(shortest=1, longest=255)
    tiers = StackTiers()
    category = Text(shortest=1, longest=255, required=False, allow_null=True)
    category_id = Text(shortest=1, longest=255, required=False, allow_null=True)


class StackSerializer(ApiSerializer):
    """A stack as answered."""

    id = Text()
    name = Text()
    created_at = Moment()
    updated_at = Moment(required=False)
    campaign_id = Text()
    tiers = StackTiers()
    category_id = Text(allow_null=True)
    categories = ListOf(JsonObject())
    object = Text()

    def to_representation(self, instance: PromotionStack) -> dict[str, Any]:
        return stack_as_json(instance)


class StackResource(Resource[PromotionStack]):
    """All stacks of the project; each is reached below its promotion."""

    route = "v1/promotions/stacks"
    resource_type = promotion_stack.RESOURCE
    permission_resource = "promotions"
    serializer_class = StackSerializer
    orderings = {name: name for name in ("created_at", "updated_at", "name")}
    query_filters = QueryFilters(
        columns={name: MomentColumn(name) for name in ("created_at", "updated_at")}
    )

    def get_queryset(self) -> PromotionStackQuerySet:
        rows: PromotionStackQuerySet = (
            self.project.promotion_stacks.alive().with_members()
        )
        return rows

    @classmethod
    def urls(cls) -> list[URLPattern]:
        view = cls.as_view({"get": "list"})
        return [path(cls.route, view, name="promotion-stacks")]


class CampaignStackResource(StackResource):
    """The stacks of one promotion."""

    route = "v1/promotions/<reference:campaign>/stacks"
    input_class = StackInput
    operations: ClassVar[Operations[Any]] = promotion_stack.OPERATIONS
    pagination_class: ClassVar[type[ListPagination]] = WholeList
    default_order = "created_at"

    def get_queryset(self) -> PromotionStackQuerySet:
        stacks = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return stacks
        return stacks.filter(campaign=self.promotion)

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
        several = cls.as_view({"get": "list", "post": "create"})
        one = cls.as_view({"get": "retrieve", "put": "update", "delete": "destroy"})
        return [
            path(cls.route, several, name="campaign-stacks"),
            path(f"{cls.route}/<reference:reference>", one, name="campaign-stack"),
        ]

    @extend_schema(operation_id="v1_promotions_campaign_stacks_list")
    def list(self, request: Request, campaign: str) -> Response:  # type: ignore[override]  # the path names a campaign
        return super().list(request)

    def create(self, request: Request, campaign: str) -> Response:  # type: ignore[override]  # the path names a campaign
        stack = promotion_stack.create_stack(
            project=self.project,
            campaign=self.promotion,
            now=self.now,
            **self.parse(StackInput),
        )
        return Response(self.show(stack))

    def retrieve(self, request: Request, campaign: str, reference: str) -> Response:  # type: ignore[override]  # the path names a campaign
        return super().retrieve(request, reference)

    def update(self, request: Request, campaign: str, reference: str) -> Response:  # type: ignore[override]  # the path names a campaign
        return super().update(request, reference)

    def destroy(self, request: Request, campaign: str, reference: str) -> Response:  # type: ignore[override]  # the path names a campaign
        return super().destroy(request, reference)
