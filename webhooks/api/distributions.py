"""``/v1/distributions``, the messages of one, and what it would send."""

from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from promo.api.columns import ChoiceColumn, IdColumn, MomentColumn, TextColumn
from promo.api.fields import (
    Choice,
    JsonObject,
    ListOf,
    Moment,
    Text,
    WholeNumber,
)
from promo.api.filters import QueryFilters
from promo.api.resource import Resource, find_or_404
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView
from promo.clock import isoformat
from webhooks.models import (
    Distribution,
    DistributionKind,
    DistributionMessage,
    DistributionStatus,
    MessageState,
)
from webhooks.services.distributions import lifecycle
from webhooks.services.distributions.previewing import preview
from webhooks.services.distributions.stats import stats_of
from webhooks.wire.distribution import distribution_as_json, message_as_json


class DistributionChange(ApiSerializer):
    """The body of an update: a part that is sent replaces what there was of it."""

    name = Text(shortest=1, longest=255, required=False)
    kind = Choice(DistributionKind.values, required=False)
    trigger = JsonObject(required=False, allow_null=True)
    audience = JsonObject(required=False, allow_null=True)
    conditions = JsonObject(required=False, allow_null=True)
    action = JsonObject(required=False)
    channels = ListOf(JsonObject(), most=10, required=False)
    delay = JsonObject(required=False, allow_null=True)
    cancel_if = JsonObject(required=False, allow_null=True)
    limits = JsonObject(required=False, allow_null=True)


class DistributionInput(DistributionChange):
    """The body of a create."""

    name = Text(shortest=1, longest=255)
    kind = Choice(DistributionKind.values)
    action = JsonObject()
    channels = ListOf(JsonObject(), most=10)


class DistributionSerializer(ApiSerializer):
    """A distribution as answered."""

    id = Text()
    name = Text()
    kind = Choice(DistributionKind.values)
    status = Choice(DistributionStatus.values)
    paused_reason = Text(allow_null=True)
    trigger = JsonObject(allow_null=True)
    audience = JsonObject(allow_null=True)
    conditions = JsonObject()
    action = JsonObject()
    channels = ListOf(JsonObject())
    delay = JsonObject()
    cancel_if = JsonObject()
    limits = JsonObject()
    stats = JsonObject()
    starts_at = Moment(allow_null=True)
    created_at = Moment()
    updated_at = Moment(allow_null=True)
    object = Text()


class DistributionResource(Resource[Distribution]):
    route = "v1/distributions"
    resource_type = lifecycle.RESOURCE
    permission_resource = "distributions"
    serializer_class = DistributionSerializer
    input_class = DistributionInput
    update_class = DistributionChange
    operations = lifecycle.OPERATIONS
    query_filters = QueryFilters(
        columns={
            "name": TextColumn("name"),
            "kind": ChoiceColumn("kind", DistributionKind.values),
            "status": ChoiceColumn("status", DistributionStatus.values),
            "trigger_type": TextColumn("trigger_type"),
            "created_at": MomentColumn("created_at"),
            "updated_at": MomentColumn("updated_at"),
        },
        shortcuts={
            "kind": ChoiceColumn("kind", DistributionKind.values),
            "status": ChoiceColumn("status", DistributionStatus.values),
        },
    )
    orderings = {name: name for name in ("created_at", "updated_at", "name")}

    def get_queryset(self) -> QuerySet[Distribution]:
        return Distribution.objects.filter(project=self.project).select_related(
            "project"
        )

    def show(self, shown: Any, *, many: bool = False) -> Any:
        """Return the JSON of distributions; their messages are counted by one query."""
        rows = list(shown) if many else [shown]
        stats = stats_of(rows)
        rendered = [distribution_as_json(each, stats[each.pk]) for each in rows]
        return rendered if many else rendered[0]


class PreviewInput(ApiSerializer):
    """Whom a preview is for: an id or a source id."""

    customer = Text(shortest=1, longest=255)


class PreviewedMessage(ApiSerializer):
    """One message as it would be."""

    channel = Text()
    to = Text(allow_null=True)
    reason = Text(allow_null=True)
    message = JsonObject()


class PreviewSerializer(ApiSerializer):
    """What a customer would get."""

    distribution_id = Text()
    customer_id = Text()
    event_id = Text(allow_null=True)
    due_at = Moment(allow_null=True)
    messages = ListOf(PreviewedMessage())
    object = Text()


class OfDistribution(ApiView):
    """Something about the distribution that the path names."""

    @property
    def distribution(self) -> Distribution:
        """The distribution that the path names.

        Raises:
            ResourceNotFound: this project has none.
        """
        rows = Distribution.objects.filter(project=self.project)
        found: Distribution = find_or_404(
            rows.select_related("project"),
            self.kwargs["reference"],
            lifecycle.RESOURCE,
        )
        return found


class PreviewView(OfDistribution):
    """``POST /v1/distributions/{id}/preview``: nothing is written."""

    permission = "distributions.read"

    @extend_schema(
        operation_id="v1_distributions_preview",
        request=PreviewInput,
        responses={200: PreviewSerializer},
    )
    def post(self, _: Request, reference: str) -> Response:
        found = self.distribution
        body = self.parse(PreviewInput)
        shown = preview(found, body["customer"], now=self.now)
        return Response(
            {
                "distribution_id": found.pk,
                "customer_id": shown.customer_id,
                "event_id": shown.event_id,
                "due_at": shown.due_at and isoformat(shown.due_at),
                "messages": [
                    {
                        "channel": each.channel,
                        "to": each.to or None,
                        "reason": each.reason or None,
                        "message": dict(each.message),
                    }
                    for each in shown.messages
                ],
                "object": "distribution_preview",
            }
        )


class MessageSerializer(ApiSerializer):
    """A message as answered."""

    id = Text()
    distribution_id = Text()
    customer_id = Text()
    event = JsonObject()
    channel = Text()
    state = Choice(MessageState.values)
    reason = Text(allow_null=True)
    problem = Text(allow_null=True)
    due_at = Moment()
    attempts = WholeNumber()
    publication_id = Text(allow_null=True)
    sent = JsonObject(allow_null=True)
    finished_at = Moment(allow_null=True)
    created_at = Moment()
    object = Text()

    def to_representation(self, instance: DistributionMessage) -> dict[str, Any]:
        return message_as_json(instance)


class MessageResource(Resource[DistributionMessage], OfDistribution):
    """The messages of one distribution."""

    route = "v1/distributions/<reference:reference>/messages"
    resource_type = "distribution_message"
    permission_resource = "distributions"
    serializer_class = MessageSerializer
    query_filters = QueryFilters(
        columns={
            "channel": TextColumn("channel"),
            "state": ChoiceColumn("state", MessageState.values),
            "reason": TextColumn("reason"),
            "customer_id": IdColumn("customer_id", "cust_"),
            "created_at": MomentColumn("created_at"),
            "due_at": MomentColumn("due_at"),
        },
        shortcuts={
            "state": ChoiceColumn("state", MessageState.values),
            "channel": TextColumn("channel"),
            "customer": IdColumn("customer_id", "cust_"),
        },
    )
    orderings = {name: name for name in ("created_at", "due_at")}

    @classmethod
    def urls(cls) -> list[URLPattern]:
        every = cls.as_view({"get": "list"})
        return [path(cls.route, every, name="distribution-messages")]

    def get_queryset(self) -> QuerySet[DistributionMessage]:
        if getattr(self, "swagger_fake_view", False):
            return DistributionMessage.objects.all()
        return DistributionMessage.objects.filter(distribution=self.distribution)

    @extend_schema(operation_id="v1_distributions_messages_list")
    def list(self, request: Request, reference: str) -> Response:  # type: ignore[override]  # the path names a distribution
        return super().list(request)


URLS: list[URLPattern] = [
    *DistributionResource.urls(),
    *MessageResource.urls(),
    path(
        "v1/distributions/<reference:reference>/preview",
        PreviewView.as_view(),
        name="distribution-preview",
    ),
]
