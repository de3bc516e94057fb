"""What happened to a customer, read from the outbox."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from customers.services.customer import find_customer
from promo.api.columns import TextColumn
from promo.api.fields import JsonObject, Text
from promo.api.filters import QueryFilters
from promo.api.pagination import IdPagination, ListPagination, PagePagination
from promo.api.resource import Resource
from promo.api.serializers import ApiSerializer
from promo.clock import isoformat
from promo.outbox.models import DomainEvent

_PREFIX = "evcus_"


class ActivitySerializer(ApiSerializer):
    """One event about the customer."""

    id = Text()
    type = Text()
    data = JsonObject()  # type: ignore[assignment]  # the API names it so
    created_at = Text()
    group_id = Text()

    def to_representation(self, instance: DomainEvent) -> dict[str, Any]:
        """Return the event; its source stands beside the body."""
        return {
            "id": _PREFIX + instance.pk.removeprefix("ev_"),
            "type": instance.type,
            "data": {**instance.data, "event_source": instance.source},
            "created_at": isoformat(instance.created_at),
            "group_id": instance.group_id,
        }


class ActivityPagination(IdPagination):
    """The events behind one event."""

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any]:
        """Return the events behind the one named, by the ids that are shown."""
        rows = super().paginate_queryset(queryset, request, view)
        if "more_starting_after" in self.extra:
            shown = str(self.extra["more_starting_after"])
            self.extra["more_starting_after"] = _PREFIX + shown.removeprefix("ev_")
        return rows

    def _row(self, queryset: QuerySet[Any], cursor: str) -> Any:
        return super()._row(queryset, "ev_" + cursor.removeprefix(_PREFIX))


class ActivityResource(Resource[DomainEvent]):
    route = "v1/customers/<reference:reference>/activity"
    resource_type = "customer_event"
    permission_resource = "customers"
    serializer_class: ClassVar[type[Any]] = ActivitySerializer
    query_filters = QueryFilters(
        shortcuts={
            "type": TextColumn("type"),
            "category": TextColumn("category"),
            "campaign_id": TextColumn("campaign_id"),
        },
        date_range="created_at",
    )
    pagination_class: ClassVar[type[ListPagination]] = ActivityPagination

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """Return the one route."""
        name = cls.route.replace("/", "-").replace("<reference:reference>", "one")
        return [path(cls.route, cls.as_view({"get": "activity"}), name=name)]

    def required_permission(self) -> str:
        """Return the code that reading needs."""
        return "customers.read"

    @extend_schema(responses={200: ActivitySerializer(many=True)})
    def activity(self, request: Request, reference: str) -> Response:
        """Answer the events, newest first."""
        self.customer_id = find_customer(self.project, reference).pk
        return self.list(request)

    def get_queryset(self) -> QuerySet[DomainEvent]:
        customer_id = getattr(self, "customer_id", "")
        return DomainEvent.objects.filter(
            project=self.project, customer_id=customer_id
        ).exclude(customer_id="")


class ActivitiesResource(ActivityResource):
    """The deprecated twin: pages and a total."""

    route = "v1/customers/<reference:reference>/activities"
    pagination_class: ClassVar[type[ListPagination]] = PagePagination
