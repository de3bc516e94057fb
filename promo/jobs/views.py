"""``/v1/async-actions``."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request

from promo.api import query
from promo.api.fields import Choice, JsonObject, Moment, Text, WholeNumber
from promo.api.pagination import ListPagination, Schema
from promo.api.resource import Resource
from promo.api.serializers import ApiSerializer
from promo.call_log.reading import call_of
from promo.jobs.models import AsyncAction
from promo.jobs.wire import action_as_json


class AsyncActionSerializer(ApiSerializer):
    """An action as answered; lists leave ``result``, ``user`` and ``log_id`` out."""

    id = Text()
    type = Text()
    status = Choice(["ENQUEUED", "IN_PROGRESS", "DONE", "FAILED"])
    operation_status = Choice(["SUCCESS", "FAILED", "UNKNOWN"])
    created_at = Moment()
    updated_at = Moment()
    request_id = Text()
    processing_time = WholeNumber()
    progress = WholeNumber()
    result = JsonObject(required=False)
    user = JsonObject(required=False)
    log_id = Text(required=False, allow_null=True)
    object = Text()


class EndDatePagination(ListPagination):
    """The rows scheduled before a moment, newest first."""

    extra_properties = {"has_more": {"type": "boolean"}}

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any]:
        """Return the newest rows before ``end_date``, or the newest of all."""
        limit = self.read_limit(request)
        before = query.moment(request.query_params, "end_date")
        if before is not None:
            queryset = queryset.filter(created_at__lt=before)
        rows = list(queryset.order_by("-created_at", "-pk")[: limit + 1])
        self.extra = {"has_more": len(rows) > limit}
        return rows[:limit]

    def get_schema_operation_parameters(self, view: Any) -> list[Schema]:
        """Return the query parameters as the OpenAPI document has them."""
        limit: Schema = {"type": "integer", "minimum": 1, "maximum": 100}
        moment: Schema = {"type": "string", "format": "date-time"}
        return [
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in (("limit", limit), ("end_date", moment))
        ]


class AsyncActionResource(Resource[AsyncAction]):
    route = "v1/async-actions"
    resource_type = "async_action"
    permission_resource = "async_actions"
    serializer_class = AsyncActionSerializer
    pagination_class: ClassVar[type[ListPagination]] = EndDatePagination
    list_key = "async_actions"

    def get_queryset(self) -> QuerySet[AsyncAction]:
        return self.project.async_actions.whole()

    def show(self, shown: Any, *, many: bool = False) -> Any:
        """Return the JSON of actions."""
        if many:
            return [action_as_json(one, with_result=False) for one in shown]
        address = self.request.build_absolute_uri
        whole = action_as_json(shown, with_result=True, address=address)
        return whole | {"log_id": call_of(self.project, shown.request_id)}
