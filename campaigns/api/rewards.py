"""``/v1/rewards`` and the programmes that offer each reward."""

from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Reward, RewardAssignment
from campaigns.models.reward import ASSIGNMENT_PREFIX
from campaigns.services import reward, reward_assignment
from campaigns.wire.reward import reward_as_json, reward_assignment_as_json
from promo.api.columns import IdColumn
from promo.api.fields import JsonObject, ListOf, Moment, Text, WholeNumber
from promo.api.filters import QueryFilters
from promo.api.resource import NO_CONTENT, Resource, find_or_404
from promo.api.serializers import ApiSerializer
from promo.errors import InvalidPayload


class RewardInput(ApiSerializer):
    """The body of a create; an update takes the same, its type is passed over.

    A type that is not sent is the one that the parameters are of: the published schema
    of the body has none, and clients in its shape cannot send it.
    """

    name = Text(shortest=1, longest=255)
    type = Text(shortest=1, longest=16, required=False)
    parameters = JsonObject(required=False, allow_null=True)
    stock = WholeNumber(least=0, required=False, allow_null=True)
    attributes = JsonObject(required=False, allow_null=True)
    metadata = JsonObject(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.partial or "type" in attrs:
            return attrs
        sent = attrs.get("parameters") or {}
        kinds = [kind for part, kind in _KINDS.items() if sent.get(part) is not None]
        if len(kinds) != 1:
            raise InvalidPayload("Payload must have required property 'type'")
        return {**attrs, "type": kinds[0]}


_KINDS = {"coin": "COIN", "product": "MATERIAL", "campaign": "CAMPAIGN"}


class RewardSerializer(ApiSerializer):
    """A reward as answered."""

    id = Text()
    name = Text()
    type = Text()
    parameters = JsonObject()
    stock = WholeNumber(allow_null=True)
    redeemed = WholeNumber(allow_null=True)
    attributes = JsonObject()
    metadata = JsonObject()
    created_at = Moment()
    updated_at = Moment(allow_null=True)
    object = Text()

    def to_representation(self, instance: Reward) -> dict[str, Any]:
        return reward_as_json(instance)


class RewardResource(Resource[Reward]):
    route = "v1/rewards"
    resource_type = reward.RESOURCE
    permission_resource = "rewards"
    serializer_class = RewardSerializer
    input_class = RewardInput
    operations = reward.OPERATIONS
    query_filters = QueryFilters(
        shortcuts={"assignment_id": IdColumn("assignments", ASSIGNMENT_PREFIX)}
    )

    def get_queryset(self) -> QuerySet[Reward]:
        return self.project.rewards.select_related("campaign")


class RewardAssignmentInput(ApiSerializer):
    """The programme that shall offer a reward, its price and its rule."""

    campaign = Text(shortest=1, longest=255)
    parameters = JsonObject(required=False, allow_null=True)
    validation_rules = ListOf(
        Text(shortest=1, longest=255), most=1, required=False, allow_null=True
    )


class RewardAssignmentChange(ApiSerializer):
    """The price of an assigned reward."""

    parameters = JsonObject(required=False, allow_null=True)


class RewardAssignmentSerializer(ApiSerializer):
    """An assignment as answered."""

    id = Text()
    reward_id = Text()
    related_object_id = Text()
    related_object_type = Text()
    parameters = JsonObject()
    created_at = Moment()
    updated_at = Moment(allow_null=True)
    object = Text()

    def to_representation(self, instance: RewardAssignment) -> dict[str, Any]:
        return reward_assignment_as_json(instance)


class RewardAssignmentResource(Resource[RewardAssignment]):
    """The assignments of one reward."""

    route = "v1/rewards/<reference:reward>/assignments"
    resource_type = reward_assignment.RESOURCE
    permission_resource = "rewards"
    serializer_class = RewardAssignmentSerializer
    input_class = RewardAssignmentInput

    @classmethod
    def urls(cls) -> list[URLPattern]:
        every = cls.as_view({"get": "list", "post": "create"})
        one = cls.as_view({"get": "retrieve", "put": "update", "delete": "destroy"})
        return [
            path(cls.route, every, name="reward-assignments"),
            path(f"{cls.route}/<reference:reference>", one, name="reward-assignment"),
        ]

    @property
    def reward(self) -> Reward:
        """The reward that the path names.

        Raises:
            ResourceNotFound: this project has none.
        """
        rows = self.project.rewards.all()
        found: Reward = find_or_404(rows, self.kwargs["reward"], reward.RESOURCE)
        found.project = self.project
        return found

    def get_queryset(self) -> QuerySet[RewardAssignment]:
        rows = self.project.reward_assignments.alive()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.filter(reward=self.reward)

    @extend_schema(operation_id="v1_rewards_assignments_list")
    def list(self, request: Request, reward: str) -> Response:  # type: ignore[override]  # the path names a reward too
        return super().list(request)

    def create(self, request: Request, reward: str) -> Response:  # type: ignore[override]  # the path names a reward too
        found = self.reward
        body = self.parse(RewardAssignmentInput)
        made = reward_assignment.assign_reward(found, now=self.now, **body)
        return Response(self.show(made))

    def retrieve(self, request: Request, reward: str, reference: str) -> Response:  # type: ignore[override]  # the path names a reward too
        return Response(self.show(self.find(reference)))

    @extend_schema(request=RewardAssignmentChange)
    def update(self, request: Request, reward: str, reference: str) -> Response:  # type: ignore[override]  # the path names a reward too
        found = self.find(reference)
        body = self.parse(RewardAssignmentChange)
        changed = reward_assignment.update_reward_assignment(
            found, now=self.now, **body
        )
        return Response(self.show(changed))

    def destroy(self, request: Request, reward: str, reference: str) -> Response:  # type: ignore[override]  # the path names a reward too
        found = self.find(reference)
        reward_assignment.delete_reward_assignment(found, now=self.now)
        return Response(status=NO_CONTENT)
