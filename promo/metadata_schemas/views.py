"""``/v1/metadata-schemas`` and the same below a project of the management API."""

from typing import Any, ClassVar

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework.request import Request
from rest_framework.response import Response

from promo.api.fields import Flag, JsonObject, ListOf, Moment, Text, WholeNumber
from promo.api.pagination import ListPagination, WholeList, envelope
from promo.api.resource import NO_CONTENT, Resource, find_or_404
from promo.api.serializers import ApiSerializer
from promo.api.views import ProjectManagementView
from promo.metadata_schemas import services
from promo.metadata_schemas.models import MetadataSchema, MetadataSchemaQuerySet
from promo.metadata_schemas.wire import schema_as_json, schema_as_v1_json


class MetadataSchemaChange(ApiSerializer):
    """The body of an update; what a definition may say, the service knows."""

    properties = JsonObject(required=False)
    allow_defined_only = Flag(required=False, allow_null=True)


class MetadataSchemaInput(MetadataSchemaChange):
    """The body of a create."""

    related_object = Text(shortest=1, longest=255)
    properties = JsonObject()


class MetadataSchemaSerializer(ApiSerializer):
    """A schema as answered."""

    id = Text()
    related_object = Text()
    properties = JsonObject()
    allow_defined_only = Flag(allow_null=True)
    created_at = Moment()
    updated_at = Moment(allow_null=True)
    object = Text()

    def to_representation(self, instance: MetadataSchema) -> dict[str, Any]:
        return schema_as_v1_json(instance)


class MetadataSchemaResource(Resource[MetadataSchema]):
    """Schemas by id or by the name of their resource."""

    route = "v1/metadata-schemas"
    resource_type = services.RESOURCE
    permission_resource = "metadata_schemas"
    serializer_class = MetadataSchemaSerializer
    input_class = MetadataSchemaInput
    update_class = MetadataSchemaChange
    operations = services.OPERATIONS
    pagination_class: ClassVar[type[ListPagination]] = WholeList
    list_key = "schemas"
    orderings = {"related_object": "related_object"}
    default_order = "related_object"

    def get_queryset(self) -> MetadataSchemaQuerySet:
        rows: MetadataSchemaQuerySet = self.project.metadata_schemas.all()
        return rows


_LIST = inline_serializer(
    "ManagementMetadataSchemasList",
    {
        "object": Text(),
        "data_ref": Text(),
        "data": ListOf(MetadataSchemaSerializer()),
        "total": WholeNumber(),
    },
)


class ProjectMetadataSchemasView(ProjectManagementView):
    permissions = {"GET": "metadata_schemas.read", "POST": "metadata_schemas.create"}

    @extend_schema(
        operation_id="management_metadata_schemas_list", responses={200: _LIST}
    )
    def get(self, _: Request, project: str) -> Response:
        rows = self.project.metadata_schemas.order_by("related_object")
        shown = [schema_as_json(each) for each in rows]
        return Response(envelope("data", shown, total=len(shown)))

    @extend_schema(
        operation_id="management_metadata_schemas_create",
        request=MetadataSchemaInput,
        responses={200: MetadataSchemaSerializer},
    )
    def post(self, _: Request, project: str) -> Response:
        made = services.create_metadata_schema(
            project=self.project, now=self.now, **self.parse(MetadataSchemaInput)
        )
        return Response(schema_as_json(made))


class ProjectMetadataSchemaView(ProjectManagementView):
    permissions = {
        "GET": "metadata_schemas.read",
        "PUT": "metadata_schemas.modify",
        "DELETE": "metadata_schemas.delete",
    }

    def find(self, reference: str) -> MetadataSchema:
        """Return the schema named.

        Raises:
            ResourceNotFound: the project has none.
        """
        rows = self.project.metadata_schemas.all()
        found: MetadataSchema = find_or_404(rows, reference, services.RESOURCE)
        return found

    @extend_schema(
        operation_id="management_metadata_schemas_retrieve",
        responses={200: MetadataSchemaSerializer},
    )
    def get(self, _: Request, project: str, reference: str) -> Response:
        return Response(schema_as_json(self.find(reference)))

    @extend_schema(
        operation_id="management_metadata_schemas_update",
        request=MetadataSchemaChange,
        responses={200: MetadataSchemaSerializer},
    )
    def put(self, _: Request, project: str, reference: str) -> Response:
        changed = services.update_metadata_schema(
            self.find(reference),
            now=self.now,
            **self.parse(MetadataSchemaChange, partial=True),
        )
        return Response(schema_as_json(changed))

    @extend_schema(
        operation_id="management_metadata_schemas_destroy", responses={204: None}
    )
    def delete(self, _: Request, project: str, reference: str) -> Response:
        services.delete_metadata_schema(self.find(reference), now=self.now)
        return Response(status=NO_CONTENT)


_ROUTE = "management/v1/projects/<reference:project>/metadata-schemas"
URLS: list[URLPattern] = [
    *MetadataSchemaResource.urls(),
    path(
        _ROUTE,
        ProjectMetadataSchemasView.as_view(),
        name="management-metadata-schemas-list",
    ),
    path(
        f"{_ROUTE}/<reference:reference>",
        ProjectMetadataSchemaView.as_view(),
        name="management-metadata-schemas-detail",
    ),
]
