"""``/v1/loyalties/{campaignId}/rewards``: what a programme offers for points."""

from typing import ClassVar

from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.rewards import (
    RewardAssignmentChange,
    RewardAssignmentSerializer,
    RewardSerializer,
)
from campaigns.models import Campaign, CampaignType, RewardAssignment
from campaigns.models.reward import ASSIGNMENT_PREFIX
from campaigns.services import reward_assignment
from campaigns.wire.reward import reward_as_json
from promo.api.columns import IdColumn
from promo.api.fields import JsonObject, ListOf, Text
from promo.api.filters import QueryFilters
from promo.api.resource import NO_CONTENT, Resource, find_or_404
from promo.api.serializers import ApiSerializer

MOST_REWARDS = 100


class OfferedRewardInput(ApiSerializer):
    """A reward that a programme shall offer, its price and its rule."""

    reward = Text(shortest=1, longest=255)
    parameters = JsonObject(required=False, allow_null=True)
    validation_rules = ListOf(
        Text(shortest=1, longest=255), most=1, required=False, allow_null=True
    )


class OfferedResource(Resource[RewardAssignment]):
    """The rewards that one programme offers."""

    resource_type = reward_assignment.RESOURCE
    permission_resource = "loyalties"
    serializer_class = RewardAssignmentSerializer

    @property
    def program(self) -> Campaign:
        """The programme that the path names.

        Raises:
            ResourceNotFound: this project has none.
        """
        programs = self.project.campaigns.select_related("category").filter(
            campaign_type=CampaignType.LOYALTY_PROGRAM
        )
        found: Campaign = find_or_404(programs, self.kwargs["campaign"], "campaign")
        return found

    def get_queryset(self) -> QuerySet[RewardAssignment]:
        rows = self.project.reward_assignments.select_related("reward__campaign")
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.filter(campaign=self.program)

    def list(self, request: Request, campaign: str) -> Response:  # type: ignore[override]  # the path names a programme
        return super().list(request)

    def retrieve(self, request: Request, campaign: str, reference: str) -> Response:  # type: ignore[override]  # the path names a programme
        return super().retrieve(request, reference)


@extend_schema_view(
    list=extend_schema(operation_id="v1_loyalties_campaign_reward_assignments_list")
)
class LoyaltyAssignmentResource(OfferedResource):
    """The same to read alone, down to the reward."""

    route = "v1/loyalties/<reference:campaign>/reward-assignments"
    query_filters = QueryFilters(
        shortcuts={"assignmentId": IdColumn("pk", ASSIGNMENT_PREFIX)}
    )

    @classmethod
    def urls(cls) -> list[URLPattern]:
        every, one = cls.as_view({"get": "list"}), cls.as_view({"get": "retrieve"})
        bought = cls.as_view({"get": "reward"})
        name = f"{cls.route}/<reference:reference>"
        return [
            path(cls.route, every, name="loyalty-assignments"),
            path(name, one, name="loyalty-assignment"),
            path(f"{name}/reward", bought, name="loyalty-assignment-reward"),
        ]

    def required_permission(self) -> str:
        """Return the code for reading, whatever is read."""
        return f"{self.permission_resource}.read"

    @extend_schema(responses={200: RewardSerializer})
    def reward(self, request: Request, campaign: str, reference: str) -> Response:
        """Answer the reward that is offered."""
        return Response(reward_as_json(self.find(reference).reward))


@extend_schema_view(
    list=extend_schema(operation_id="v1_loyalties_campaign_rewards_list")
)
class LoyaltyRewardResource(OfferedResource):
    """The rewards of a programme, to be offered, priced and taken out."""

    route = "v1/loyalties/<reference:campaign>/rewards"
    input_class = OfferedRewardInput
    update_class: ClassVar[type[ApiSerializer]] = RewardAssignmentChange
    query_filters = QueryFilters(
        shortcuts={"assignment_id": IdColumn("pk", ASSIGNMENT_PREFIX)}
    )

    @classmethod
    def urls(cls) -> list[URLPattern]:
        every = cls.as_view({"get": "list", "post": "create"})
        one = cls.as_view({"get": "retrieve", "put": "update", "delete": "destroy"})
        return [
            path(cls.route, every, name="loyalty-rewards"),
            path(f"{cls.route}/<reference:reference>", one, name="loyalty-reward"),
        ]

    @extend_schema(
        request=OfferedRewardInput(many=True),
        responses={200: RewardAssignmentSerializer(many=True)},
    )
    def create(self, request: Request, campaign: str) -> Response:  # type: ignore[override]  # the path names a programme
        program = self.program
        offers = self.parse_list(OfferedRewardInput, most=MOST_REWARDS)
        made = reward_assignment.offer_rewards(program, offers=offers, now=self.now)
        return Response(self.show(made, many=True))

    @extend_schema(request=RewardAssignmentChange)
    def update(self, request: Request, campaign: str, reference: str) -> Response:  # type: ignore[override]  # the path names a programme
        found = self.find(reference)
        body = self.parse(RewardAssignmentChange)
        changed = reward_assignment.update_reward_assignment(
            found, now=self.now, **body
        )
        return Response(self.show(changed))

    def destroy(self, request: Request, campaign: str, reference: str) -> Response:  # type: ignore[override]  # the path names a programme
        found = self.find(reference)
        reward_assignment.delete_reward_assignment(found, now=self.now)
        return Response(status=NO_CONTENT)
