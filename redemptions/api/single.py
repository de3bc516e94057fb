"""The deprecated endpoints for one voucher or promotion tier.

They run through the same evaluation as the others, with a list of one.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from promo import request_context
from promo.api import query
from promo.api.fields import Flag, JsonObject, Text
from promo.api.resource import find_or_404
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView, ClientView
from promo.tenancy.models import Project
from redemptions.api.checkout_body import SingleBody, as_single_request
from redemptions.api.redemptions import RedemptionSerializer
from redemptions.api.single_answers import single_validation, tier_answer
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest
from redemptions.services.validate import validate
from redemptions.wire.redemption import redemption_as_json

if TYPE_CHECKING:
    from django.db.models import Model

    from campaigns.models import PromotionTier


class SingleAnswer(ApiSerializer):
    """What one voucher or tier would do."""

    valid = Flag()
    code = Text(required=False)
    id = Text(required=False)
    reason = Text(required=False)
    error = JsonObject(required=False)
    discount = JsonObject(required=False)
    gift = JsonObject(required=False)
    loyalty = JsonObject(required=False)
    order = JsonObject(required=False, allow_null=True)
    applicable_to = JsonObject(required=False)
    inapplicable_to = JsonObject(required=False)
    tracking_id = Text(required=False)
    metadata = JsonObject(required=False)
    session = JsonObject(required=False)


class SingleView(ApiView):
    """Reads a body about one thing that the address names."""

    kind = "voucher"

    def read(self, name: str) -> CheckoutRequest:
        """Return the body as a request for the thing called ``name``.

        Raises:
            ResourceNotFound: the project has none.
        """
        return self.of_body(name, self.parse(SingleBody))

    def of_body(self, name: str, body: Mapping[str, Any]) -> CheckoutRequest:
        """Return what was sent about the thing called ``name``.

        Raises:
            ResourceNotFound: the project has none.
        """
        rows = _THINGS[self.kind](self.project)
        self.thing: Model = find_or_404(rows, name, self.kind)
        return as_single_request(body, self.kind, name)


_THINGS: Mapping[str, Callable[[Project], Any]] = {
    "voucher": lambda project: project.vouchers.alive(),
    "promotion_tier": lambda project: project.promotion_tiers.alive().select_related(
        "campaign"
    ),
}


class Validator(SingleView):
    """Says what the one thing would do."""

    permission = "validations.validate"

    def answer(self, request: CheckoutRequest) -> dict[str, Any]:
        """Return what the one thing that ``request`` names would do."""
        found = validate(project=self.project, request=request, now=self.now)
        request_id = request_context.current().request_id
        answer = single_validation(found, request_id=request_id)
        if request.session and request.session.opens and answer["valid"]:
            answer["session"] = request.session.as_json()
        return answer


class SingleValidation(Validator):
    """``POST /v1/vouchers/{code}/validate``."""

    @extend_schema(
        operation_id="vouchers_validate",
        request=SingleBody,
        responses={200: SingleAnswer},
    )
    def post(self, _: Request, name: str) -> Response:
        return Response(self.answer(self.read(name)))


class TierValidation(SingleValidation):
    """``POST /v1/promotions/tiers/{id}/validation``."""

    kind = "promotion_tier"

    @extend_schema(
        operation_id="promotions_tiers_validate",
        request=SingleBody,
        responses={200: SingleAnswer},
    )
    def post(self, request: Request, name: str) -> Response:
        return super().post(request, name)

    def answer(self, request: CheckoutRequest) -> dict[str, Any]:
        """Return the answer with what is stored of the tier."""
        return tier_answer(super().answer(request), cast("PromotionTier", self.thing))


class SingleRedemption(SingleView):
    """``POST /v1/promotions/tiers/{id}/redemption``."""

    kind = "promotion_tier"
    permission = "redemptions.redeem"

    @extend_schema(
        operation_id="promotions_tiers_redeem",
        request=SingleBody,
        responses={200: RedemptionSerializer},
    )
    def post(self, _: Request, name: str) -> Response:
        return Response(redeemed(self, self.read(name)))


def redeemed(caller: ApiView, request: CheckoutRequest) -> dict[str, Any]:
    """Redeem the one thing that ``request`` names; return its redemption."""
    done = redeem(project=caller.project, request=request, now=caller.now)
    return redemption_as_json(done.rows[0])


class ClientRedeemView(ClientView, SingleView):
    """``POST /client/v1/redeem?code=…``, where the project allows it."""

    permission = "redemptions.redeem"
    switch = "client_redeem_enabled"

    @extend_schema(
        operation_id="client_redeem",
        parameters=[OpenApiParameter("code", str, required=True)],
        request=SingleBody,
        responses={200: RedemptionSerializer},
    )
    def post(self, _: Request) -> Response:
        code = query.required_text(self.request.query_params, "code")
        return Response(redeemed(self, self.read(code)))


URLS: list[URLPattern] = [
    path("v1/vouchers/<reference:name>/validate", SingleValidation.as_view()),
    path("v1/promotions/tiers/<reference:name>/validation", TierValidation.as_view()),
    path("v1/promotions/tiers/<reference:name>/redemption", SingleRedemption.as_view()),
    path("client/v1/redeem", ClientRedeemView.as_view()),
]
