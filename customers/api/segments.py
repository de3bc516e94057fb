"""``/v1/segments``, and which of them a customer is in."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from customers.models import Segment, SegmentType
from customers.models.segment import SEGMENT_PREFIX
from customers.services import segment
from customers.services.rendering import segment_as_json, simple_segment
from customers.services.segment_lookup import segments_of
from promo.api.columns import IdColumn, MomentColumn, TextColumn
from promo.api.event_feed import EventFeed
from promo.api.fields import Choice, JsonObject, JsonValue, ListOf, Moment, Text
from promo.api.filters import QueryFilters
from promo.api.pagination import DatePagination, ListPagination, envelope
from promo.api.resource import Resource, find_or_404
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView
from promo.outbox.models import DomainEvent


class SegmentChange(ApiSerializer):
    """The body of an update."""

    name = Text(shortest=1, longest=255, required=False)
    filter = JsonValue(required=False)


class SegmentInput(ApiSerializer):
    """The body of a create: ``customers`` or a ``filter``, as ``type`` says."""

    name = Text(shortest=1, longest=255)
    type = Choice(SegmentType.values)
    filter = JsonValue(required=False)
    customers = ListOf(
        Text(shortest=1, longest=255), most=segment.MOST_LISTED, required=False
    )


class SegmentSerializer(ApiSerializer):
    """A segment as answered."""

    id = Text()
    name = Text()
    created_at = Moment()
    updated_at = Moment(required=False)
    type = Text()
    filter = JsonObject(allow_null=True)
    object = Text()

    def to_representation(self, instance: Segment) -> dict[str, Any]:
        return segment_as_json(instance)


_IDS = IdColumn("id", prefix=SEGMENT_PREFIX)


class SegmentResource(Resource[Segment]):
    route = "v1/segments"
    resource_type = segment.RESOURCE
    permission_resource = "segments"
    serializer_class: ClassVar[type[Any]] = SegmentSerializer
    input_class = SegmentInput
    update_class = SegmentChange
    operations = segment.OPERATIONS
    pagination_class: ClassVar[type[ListPagination]] = DatePagination
    query_filters = QueryFilters(
        columns={
            "id": _IDS,
            "ids": _IDS,
            "name": TextColumn("name"),
            "type": TextColumn("type"),
            "created_at": MomentColumn("created_at"),
        },
        date_range="created_at",
    )

    def get_queryset(self) -> QuerySet[Segment]:
        return self.project.segments.select_related("project")


class SegmentActivitiesResource(EventFeed):
    """When a segment was made, and its name or filter changed."""

    route = "v1/segments/<reference:reference>/activities"
    resource_type = "segment_event"
    permission_resource = "segments"

    def find_subject(self, reference: str) -> str:
        found: Segment = find_or_404(
            self.project.segments.all(), reference, segment.RESOURCE
        )
        return found.pk

    def events_of(self, subject_id: str) -> QuerySet[DomainEvent]:
        # Both empty: who entered and left stands in the customers' own feeds.
        return DomainEvent.objects.filter(
            project=self.project, entity_id=subject_id, customer_id="", campaign_id=""
        )


class HeldSegment(ApiSerializer):
    """A segment as it is named in lists of a customer's."""

    id = Text()
    name = Text()
    object = Text()


class CustomerSegmentsView(ApiView):
    """The segments that one customer is in."""

    permission = "customers.read"

    @extend_schema(
        operation_id="customers_segments_list",
        responses={200: HeldSegment(many=True)},
    )
    def get(self, _: Request, reference: str) -> Response:
        found = segments_of(self.project, reference, now=self.now)
        shown = [simple_segment(one.pk, one.name) for one in found]
        return Response(envelope("data", shown, total=len(shown)))
