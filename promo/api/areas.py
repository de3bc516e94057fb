"""``/v1/areas`` and the stores of one area."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from promo.api.fields import JsonObject, Moment, Text
from promo.api.resource import Resource, find_or_404
from promo.api.serializers import ApiSerializer
from promo.clock import isoformat
from promo.tenancy.models import Area, AreaStore
from promo.tenancy.services import areas


class AreaInput(ApiSerializer):
    """The body of a create or an update."""

    name = Text(shortest=1, longest=255)
    metadata = JsonObject(required=False)


class AreaSerializer(ApiSerializer):
    """An area as answered."""

    id = Text()
    name = Text()
    metadata = JsonObject()
    created_at = Moment()
    updated_at = Moment(allow_null=True)
    object = Text()

    def to_representation(self, instance: Area) -> dict[str, Any]:
        updated_at = instance.updated_at
        return {
            "id": instance.pk,
            "name": instance.name,
            "metadata": instance.metadata,
            "created_at": isoformat(instance.created_at),
            "updated_at": None if updated_at is None else isoformat(updated_at),
            "object": "area",
        }


class Managed:
    """Verbs of areas and stores need the one permission to manage them."""

    action: str

    def required_permission(self) -> str:
        """Return the code that the running verb needs."""
        reads = self.action in {"list", "retrieve"}
        return "areas.read" if reads else "areas.manage"


class AreaResource(Managed, Resource[Area]):
    route = "v1/areas"
    resource_type = areas.AREA
    serializer_class: ClassVar[type[Any]] = AreaSerializer
    input_class = AreaInput
    operations = areas.AREAS

    def get_queryset(self) -> QuerySet[Area]:
        return self.project.areas.all()


class StoreInput(ApiSerializer):
    """The body of a create or an update."""

    name = Text(shortest=1, longest=255)


class StoreSerializer(ApiSerializer):
    """A store as answered."""

    id = Text()
    area_id = Text()
    name = Text()
    created_at = Moment()
    updated_at = Moment(allow_null=True)
    object = Text()

    def to_representation(self, instance: AreaStore) -> dict[str, Any]:
        updated_at = instance.updated_at
        return {
            "id": instance.pk,
            "area_id": instance.area_id,
            "name": instance.name,
            "created_at": isoformat(instance.created_at),
            "updated_at": None if updated_at is None else isoformat(updated_at),
            "object": "area_store",
        }


class StoreResource(Managed, Resource[AreaStore]):
    route = "v1/areas/<reference:area>/stores"
    resource_type = areas.STORE
    serializer_class: ClassVar[type[Any]] = StoreSerializer
    input_class = StoreInput
    operations = areas.STORES

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """Return the routes below one area."""
        many = cls.as_view({"get": "list", "post": "create"})
        one = cls.as_view({"get": "retrieve", "put": "update", "delete": "destroy"})
        return [
            path(cls.route, many, name="v1-area-stores-list"),
            path(f"{cls.route}/<reference:reference>", one, name="v1-area-stores-one"),
        ]

    @property
    def area(self) -> Area:
        """The area that the path names.

        Raises:
            ResourceNotFound: this project has none.
        """
        rows = self.project.areas.all()
        found: Area = find_or_404(rows, self.kwargs["area"], areas.AREA)
        return found

    def get_queryset(self) -> QuerySet[AreaStore]:
        if getattr(self, "swagger_fake_view", False):
            return AreaStore.objects.none()
        return self.area.stores.all()

    @extend_schema(operation_id="v1_areas_stores_list")
    def list(self, request: Request, area: str) -> Response:  # type: ignore[override]  # the path names an area too
        """Answer the stores of the area."""
        return super().list(request)

    @extend_schema(operation_id="v1_areas_stores_create")
    def create(self, request: Request, area: str) -> Response:  # type: ignore[override]  # the path names an area too
        """Make a store of the body."""
        made = areas.create_store(self.area, now=self.now, **self.parse(StoreInput))
        return Response(self.show(made))

    @extend_schema(operation_id="v1_areas_stores_retrieve")
    def retrieve(self, request: Request, area: str, reference: str) -> Response:  # type: ignore[override]  # the path names an area too
        """Answer one store."""
        return super().retrieve(request, reference)

    @extend_schema(operation_id="v1_areas_stores_update")
    def update(self, request: Request, area: str, reference: str) -> Response:  # type: ignore[override]  # the path names an area too
        """Change the name."""
        return super().update(request, reference)

    @extend_schema(operation_id="v1_areas_stores_destroy")
    def destroy(self, request: Request, area: str, reference: str) -> Response:  # type: ignore[override]  # the path names an area too
        """Delete one store."""
        return super().destroy(request, reference)
