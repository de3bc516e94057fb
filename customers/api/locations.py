"""``/v1/locations``: read here, kept at the dashboard."""

from typing import Any, ClassVar

from django.db.models import QuerySet

from customers.models import Location
from customers.services import location
from customers.services.rendering import location_as_json
from promo.api.columns import MomentColumn, TextColumn
from promo.api.fields import JsonObject, Moment, Text
from promo.api.filters import QueryFilters
from promo.api.pagination import DatePagination, ListPagination
from promo.api.resource import Resource
from promo.api.serializers import ApiSerializer


class LocationSerializer(ApiSerializer):
    """A location as answered."""

    id = Text()
    object = Text()
    name = Text()
    shape = JsonObject()
    created_at = Moment()
    updated_at = Moment(allow_null=True)

    def to_representation(self, instance: Location) -> dict[str, Any]:
        return location_as_json(instance)


class LocationResource(Resource[Location]):
    route = "v1/locations"
    resource_type = location.RESOURCE
    permission_resource = "locations"
    serializer_class: ClassVar[type[Any]] = LocationSerializer
    pagination_class: ClassVar[type[ListPagination]] = DatePagination
    orderings = {"created_at": "created_at", "updated_at": "updated_at"}
    query_filters = QueryFilters(
        columns={
            "name": TextColumn("name"),
            "created_at": MomentColumn("created_at"),
            "updated_at": MomentColumn("updated_at"),
        },
        date_range="created_at",
    )

    def get_queryset(self) -> QuerySet[Location]:
        return self.project.locations.all()
