"""``/v1/redemptions/{id}/rollback`` and ``/rollbacks``."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from promo.api import query
from promo.api.fields import JsonObject, ListOf, Text
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView
from redemptions.api.checkout_body import CustomerBody, OrderBody
from redemptions.api.redemptions import RedemptionSerializer
from redemptions.services.roll_back import RolledBack, roll_back_redemption
from redemptions.services.rollback_checks import RollbackRequest
from redemptions.wire.redemption import redemption_as_json

_PARAMETERS = [
    OpenApiParameter("reason", str, description="Why; wins over the body's."),
    OpenApiParameter("tracking_id", str, description="Wins over the body's."),
]


class RollbackBody(ApiSerializer):
    """A rollback as sent; everything is optional."""

    reason = Text(required=False)
    tracking_id = Text(longest=1024, required=False)
    customer = CustomerBody(required=False)
    order = OrderBody(required=False)
    metadata = JsonObject(required=False)


class RollbacksAnswer(ApiSerializer):
    """The rollbacks of one request."""

    rollbacks = ListOf(JsonObject())
    parent_rollback = JsonObject(required=False)
    order = JsonObject(allow_null=True)


class _Rollback(ApiView):
    permission = "redemptions.rollback"
    stacked = False

    def roll_back(self, reference: str) -> RolledBack:
        values: dict[str, Any] = self.parse(RollbackBody)
        sent = self.request.query_params
        asked = RollbackRequest(
            reason=query.text(sent, "reason") or values.get("reason") or "",
            tracking_id=query.text(sent, "tracking_id") or values.get("tracking_id"),
            customer=values.get("customer"),
            order=values.get("order"),
            metadata=values.get("metadata"),
        )
        return roll_back_redemption(
            project=self.project,
            reference=reference,
            request=asked,
            stacked=self.stacked,
            now=self.now,
        )


class RollbackView(_Rollback):
    """A redemption without parent and without children."""

    @extend_schema(
        operation_id="redemptions_rollback",
        parameters=_PARAMETERS,
        request=RollbackBody,
        responses={200: RedemptionSerializer},
    )
    def post(self, _: Request, reference: str) -> Response:
        done = self.roll_back(reference)
        shown = redemption_as_json(done.rows[0])
        return Response({**shown, "order": done.order})


class RollbacksView(_Rollback):
    """A parent with all its children, or a single redemption."""

    stacked = True

    @extend_schema(
        operation_id="redemptions_rollbacks",
        parameters=_PARAMETERS,
        request=RollbackBody,
        responses={200: RollbacksAnswer},
    )
    def post(self, _: Request, reference: str) -> Response:
        done = self.roll_back(reference)
        answer: dict[str, Any] = {
            "rollbacks": [redemption_as_json(row) for row in done.rows]
        }
        if done.parent is not None:
            answer["parent_rollback"] = redemption_as_json(done.parent)
        answer["order"] = done.order
        return Response(answer)
