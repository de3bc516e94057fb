"""The definitions of custom events, below a project of the management API."""

from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework.request import Request
from rest_framework.response import Response

from customers.models import CustomEventSchema
from customers.models.custom_event import LONGEST_NAME
from customers.services import event_schema
from customers.services.rendering import event_schema_as_json
from promo.api.fields import JsonObject, ListOf, Moment, Text, WholeNumber
from promo.api.pagination import envelope
from promo.api.resource import NO_CONTENT, find_or_404
from promo.api.serializers import ApiSerializer
from promo.api.views import ProjectManagementView


class Properties(ApiSerializer):
    """Definitions by key; what they may say, the service knows."""

    properties = JsonObject()


class EventSchemaChange(ApiSerializer):
    """The body of an update."""

    schema = Properties(required=False)


class EventSchemaInput(ApiSerializer):
    """The body of a create."""

    name = Text(shortest=1, longest=LONGEST_NAME)
    schema = Properties()


class EventSchemaSerializer(ApiSerializer):
    """A definition as answered."""

    id = Text()
    name = Text()
    schema = Properties()
    created_at = Moment()
    updated_at = Moment(required=False)
    object = Text()

    def to_representation(self, instance: CustomEventSchema) -> dict[str, Any]:
        return event_schema_as_json(instance)


_LIST = inline_serializer(
    "ManagementCustomEventSchemasList",
    {
        "object": Text(),
        "data_ref": Text(),
        "data": ListOf(EventSchemaSerializer()),
        "total": WholeNumber(),
    },
)


class ProjectEventSchemasView(ProjectManagementView):
    permissions = {"GET": "event_schemas.read", "POST": "event_schemas.create"}

    @extend_schema(
        operation_id="management_custom_event_schemas_list", responses={200: _LIST}
    )
    def get(self, _: Request, project: str) -> Response:
        rows = self.project.custom_event_schemas.all()
        shown = [event_schema_as_json(each) for each in rows]
        return Response(envelope("data", shown, total=len(shown)))

    @extend_schema(
        operation_id="management_custom_event_schemas_create",
        request=EventSchemaInput,
        responses={200: EventSchemaSerializer},
    )
    def post(self, _: Request, project: str) -> Response:
        made = event_schema.create_event_schema(
            project=self.project, now=self.now, **self.parse(EventSchemaInput)
        )
        return Response(event_schema_as_json(made))


class ProjectEventSchemaView(ProjectManagementView):
    permissions = {
        "GET": "event_schemas.read",
        "PUT": "event_schemas.modify",
        "DELETE": "event_schemas.delete",
    }

    def find(self, reference: str) -> CustomEventSchema:
        """Return the definition with an id.

        Raises:
            ResourceNotFound: the project has none.
        """
        rows = self.project.custom_event_schemas.select_related("project")
        found: CustomEventSchema = find_or_404(rows, reference, event_schema.RESOURCE)
        return found

    @extend_schema(
        operation_id="management_custom_event_schemas_retrieve",
        responses={200: EventSchemaSerializer},
    )
    def get(self, _: Request, project: str, reference: str) -> Response:
        return Response(event_schema_as_json(self.find(reference)))

    @extend_schema(
        operation_id="management_custom_event_schemas_update",
        request=EventSchemaChange,
        responses={200: EventSchemaSerializer},
    )
    def put(self, _: Request, project: str, reference: str) -> Response:
        changed = event_schema.update_event_schema(
            self.find(reference),
            now=self.now,
            **self.parse(EventSchemaChange, partial=True),
        )
        return Response(event_schema_as_json(changed))

    @extend_schema(
        operation_id="management_custom_event_schemas_destroy", responses={204: None}
    )
    def delete(self, _: Request, project: str, reference: str) -> Response:
        event_schema.delete_event_schema(self.find(reference), now=self.now)
        return Response(status=NO_CONTENT)


_ROUTE = "management/v1/projects/<reference:project>/custom-event-schemas"
URLS: list[URLPattern] = [
    path(
        _ROUTE,
        ProjectEventSchemasView.as_view(),
        name="management-custom-event-schemas-list",
    ),
    path(
        f"{_ROUTE}/<reference:reference>",
        ProjectEventSchemaView.as_view(),
        name="management-custom-event-schemas-detail",
    ),
]
