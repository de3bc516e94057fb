"""``/management/v1/projects/{projectId}/stacking-rules``."""

from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.engine.stacking_settings import (
    BOUNDS,
    CATEGORY_BOUNDS,
    CATEGORY_LIMITS,
    CATEGORY_LISTS,
    CHOICES,
    GROUPED,
)
from campaigns.services import stacking_rules as service
from campaigns.wire.stacking import stacking_rules_as_json
from promo.api.fields import Choice, ListOf, MapOf, Moment, Text, WholeNumber
from promo.api.pagination import envelope
from promo.api.resource import NO_CONTENT
from promo.api.serializers import ApiSerializer
from promo.api.views import ProjectManagementView

_LONGEST = 255


def _fields() -> dict[str, Any]:
    least, most = CATEGORY_BOUNDS
    optional = {"required": False, "allow_null": True}
    return {
        **{
            name: WholeNumber(least=low, most=high, **optional)
            for name, (low, high) in BOUNDS.items()
        },
        **{name: Choice(allowed, **optional) for name, allowed in CHOICES.items()},
        **{
            name: ListOf(Text(shortest=1, longest=_LONGEST), **optional)
            for name in CATEGORY_LISTS
        },
        CATEGORY_LIMITS: MapOf(WholeNumber(least=least, most=most), **optional),
        GROUPED: Text(shortest=1, longest=_LONGEST, **optional),
    }


class StackingRulesInput(ApiSerializer):
    """The body of a create and, partially, of an update; null means the default."""

    def get_fields(self) -> Any:
        return _fields()


class StackingRulesSerializer(ApiSerializer):
    """The rules as answered; the defaults have no id."""

    id = Text(required=False)
    created_at = Moment(required=False)
    updated_at = Moment(required=False)

    def get_fields(self) -> Any:
        return {**super().get_fields(), **_fields()}


_LIST = inline_serializer(
    "StackingRulesList",
    {
        "object": Text(),
        "data_ref": Text(),
        "data": ListOf(StackingRulesSerializer()),
        "total": WholeNumber(),
    },
)


class StackingRulesView(ProjectManagementView):
    permissions = {"GET": "stacking_rules.read", "POST": "stacking_rules.modify"}

    @extend_schema(operation_id="stacking_rules_list", responses={200: _LIST})
    def get(self, _: Request, project: str) -> Response:
        shown = stacking_rules_as_json(self.project)
        return Response(envelope("data", [shown], total=1))

    @extend_schema(
        operation_id="stacking_rules_create",
        request=StackingRulesInput,
        responses={200: StackingRulesSerializer},
    )
    def post(self, _: Request, project: str) -> Response:
        made = service.create_stacking_rules(
            project=self.project, now=self.now, **self.parse(StackingRulesInput)
        )
        return Response(stacking_rules_as_json(made))


class OneStackingRulesView(ProjectManagementView):
    permissions = {"GET": "stacking_rules.read"}
    permission = "stacking_rules.modify"

    @extend_schema(
        operation_id="stacking_rules_retrieve",
        responses={200: StackingRulesSerializer},
    )
    def get(self, _: Request, project: str, reference: str) -> Response:
        found = service.check_id(self.project, reference)
        return Response(stacking_rules_as_json(found))

    @extend_schema(
        operation_id="stacking_rules_update",
        request=StackingRulesInput,
        responses={200: StackingRulesSerializer},
    )
    def put(self, _: Request, project: str, reference: str) -> Response:
        changed = service.update_stacking_rules(
            project=self.project,
            rules_id=reference,
            now=self.now,
            **self.parse(StackingRulesInput, partial=True),
        )
        return Response(stacking_rules_as_json(changed))

    @extend_schema(operation_id="stacking_rules_destroy", responses={204: None})
    def delete(self, _: Request, project: str, reference: str) -> Response:
        service.delete_stacking_rules(
            project=self.project, rules_id=reference, now=self.now
        )
        return Response(status=NO_CONTENT)


_ROUTE = "management/v1/projects/<reference:project>/stacking-rules"
URLS: list[URLPattern] = [
    path(_ROUTE, StackingRulesView.as_view(), name="stacking-rules-list"),
    path(
        f"{_ROUTE}/<reference:reference>",
        OneStackingRulesView.as_view(),
        name="stacking-rules-detail",
    ),
]
