"""``/v1/exports``: rows of a project as CSV files."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from promo.api.columns import TextColumn
from promo.api.fields import Choice, JsonObject, ListOf, Text
from promo.api.filters import QueryFilters
from promo.api.resource import Resource
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView
from promo.errors import MissingPermission, ResourceNotFound, Unauthorized
from promo.filter_grammar.grammar import CONDITIONS
from promo.operations import Operations
from redemptions.exports.registry import catalogue_of, readable_kinds
from redemptions.models import Export
from redemptions.models.export import ExportStatus
from redemptions.services import export as service
from redemptions.wire.export import export_as_json, file_response

MOST_FIELDS = 200


class ExportParameters(ApiSerializer):
    """What to export, and in which order."""

    fields = ListOf(Text(longest=255), most=MOST_FIELDS, required=False)  # type: ignore[assignment]  # the API names it so
    order = Text(longest=255, required=False)
    filters = JsonObject(required=False)
    campaign_id = Text(longest=255, required=False)


class ParametersInput(ApiSerializer):
    """The body of a shortcut."""

    parameters = ExportParameters(required=False)
    order = Text(longest=255, required=False)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and isinstance(data.get("parameters"), Mapping):
            data = {**data, "parameters": _understood(data["parameters"])}
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Put the order, wherever it was sent, where it is answered."""
        parameters = dict(attrs.get("parameters") or {})
        order = attrs.pop("order", "")
        if order:
            parameters.setdefault("order", order)
        return {**attrs, "parameters": parameters}


def _understood(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters; ``filter`` is an older name of ``filters``."""
    named = dict(parameters)
    older = named.pop("filter", None)
    filters = older if named.get("filters") is None else named["filters"]
    if isinstance(filters, Mapping):
        entries = ((name, _entry(one)) for name, one in filters.items())
        filters = {name: one for name, one in entries if one is not None}
    return {**named, "filters": filters}


def _entry(sent: Any) -> Any:
    """Return a filter's entry; None where it says nothing.

    Clients with a field for everything send what they leave out as null, and some
    write conditions without the word.
    """
    if not isinstance(sent, Mapping):
        return sent
    conditions = sent.get(CONDITIONS)
    if sent and all(str(name).startswith("$") for name in sent):
        conditions = sent
    if not isinstance(conditions, Mapping) or not conditions:
        return sent
    said = {name: value for name, value in conditions.items() if value is not None}
    return {CONDITIONS: said} if said else None


class ExportInput(ParametersInput):
    """The body of a create."""

    exported_object = Text(longest=255)


class ExportSerializer(ApiSerializer):
    """An export as answered."""

    id = Text()
    object = Text()
    created_at = Text()
    status = Choice(ExportStatus.values)
    channel = Text()
    exported_object = Text()
    parameters = JsonObject()
    result = JsonObject(allow_null=True)
    user_id = Text(allow_null=True)

    def to_representation(self, instance: Export) -> dict[str, Any]:
        """Return the export with the address of its file on this host."""
        request: Request = self.context["request"]
        host = request.build_absolute_uri("/").rstrip("/")
        return export_as_json(instance, host=host, now=self.context["now"])


_TOKEN = OpenApiParameter(
    "token", str, description="Answers the file itself, to whoever has its token."
)


class ExportResource(Resource[Export]):
    route = "v1/exports"
    resource_type = service.RESOURCE
    permission_resource = "exports"
    serializer_class: ClassVar[type[Any]] = ExportSerializer
    input_class = ExportInput
    operations: ClassVar[Operations[Any]] = service.OPERATIONS
    query_filters = QueryFilters(shortcuts={"status": TextColumn("status")})
    list_key = "exports"
    orderings = {name: name for name in ("created_at", "status")}

    @property
    def _is_download(self) -> bool:
        return self.action == "retrieve" and "token" in self.request.query_params

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # The token is all that a download takes.
        if not self._is_download:
            super().initial(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Export]:
        rows = self.project.exports.alive()
        if getattr(self, "swagger_fake_view", False):
            return rows
        caller = self.credential
        # An export shows the token of its file.
        rows = rows.filter(exported_object__in=readable_kinds(caller.permissions))
        # Files of others may hold what a restricted caller does not reach.
        return rows if caller.places is None else rows.filter(api_key=caller.key)

    def create(self, request: Request) -> Response:
        """Have a file made."""
        body = self.parse(ExportInput)
        catalogue = catalogue_of(body["exported_object"])
        check_permission(self, catalogue.permission)
        made = service.create_export(
            project=self.project,
            exported_object=catalogue.name,
            parameters=body["parameters"],
            api_key=self.credential.key,
            now=self.now,
        )
        return Response(self.show(made))

    @extend_schema(
        parameters=[_TOKEN],
        responses={
            (200, "application/json"): ExportSerializer,
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    def retrieve(self, request: Request, reference: str) -> Any:
        """Answer one export, or with its token the file."""
        if self._is_download:
            token = request.query_params["token"]
            accepted = request.headers.get("Accept", "")
            return download(reference, token, accepted=accepted, now=self.now)
        return super().retrieve(request, reference)


def check_permission(view: ApiView, permission: str) -> None:
    """Refuse a caller who may not read what would be exported.

    Raises:
        MissingPermission: as it says.
    """
    if permission not in view.credential.permissions:
        details = f"The role {view.credential.key.role} lacks {permission}"
        raise MissingPermission(details)


def download(
    reference: str, token: str, *, accepted: str, now: datetime
) -> HttpResponseBase:
    """Answer the file of an export to whoever has its token.

    Raises:
        Unauthorized: the token is of another export.
        ResourceNotFound: there is no such export, or no file any more, or none yet.
    """
    export = Export.objects.alive().by_reference(reference).first()
    if export is None:
        raise ResourceNotFound(service.RESOURCE, reference)
    if not hmac.compare_digest(export.token.encode(), token.encode()):
        raise Unauthorized
    return file_response(export, now=now, plain_text=accepted.startswith("text/plain"))
