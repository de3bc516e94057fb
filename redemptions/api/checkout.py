"""Validations and redemptions, for servers and for browsers."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from promo.api import query
from promo.api.fields import Flag, JsonObject, ListOf, Text
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView, ClientView
from promo.errors import MissingPermission
from redemptions.api.answers import recorded_as_json
from redemptions.api.checkout_body import CheckoutBody, as_request
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest
from redemptions.services.validate import validate, validation_as_json

EXPLAIN = OpenApiParameter(
    "explain", bool, description="Adds every check made, with what was found."
)


class ValidationAnswer(ApiSerializer):
    """What redeeming would do."""

    id = Text()
    valid = Flag()
    redeemables = ListOf(JsonObject())
    skipped_redeemables = ListOf(JsonObject(), required=False)
    inapplicable_redeemables = ListOf(JsonObject(), required=False)
    order = JsonObject(required=False)
    tracking_id = Text(required=False)
    stacking_rules = JsonObject()
    explain = JsonObject(required=False)


class RedemptionAnswer(ApiSerializer):
    """What was redeemed."""

    redemptions = ListOf(JsonObject())
    parent_redemption = JsonObject(required=False)
    order = JsonObject(allow_null=True)
    inapplicable_redeemables = ListOf(JsonObject())
    skipped_redeemables = ListOf(JsonObject())
    explain = JsonObject(required=False)


class CheckoutCaller(ApiView):
    """Reads a checkout's body, within what the caller's role may combine."""

    def read(self) -> CheckoutRequest:
        """Return the body; a role for single incentives may not combine them."""
        request = as_request(self.parse(CheckoutBody))
        combined = len(request.redeemables) > 1 or any(
            each.object == "promotion_stack" for each in request.redeemables
        )
        if combined and self.credential.key.role == "MERCHANT":
            details = "The role MERCHANT may use one redeemable at a time"
            raise MissingPermission(details)
        return request

    @property
    def explain(self) -> bool:
        """Whether the caller wants to know why."""
        return query.flag(self.request.query_params, "explain")


class ValidationView(CheckoutCaller):
    permission = "validations.validate"

    @extend_schema(
        operation_id="validations_create",
        parameters=[EXPLAIN],
        request=CheckoutBody,
        responses={200: ValidationAnswer},
    )
    def post(self, _: Request) -> Response:
        request, explain = self.read(), self.explain
        found = validate(project=self.project, request=request, now=self.now)
        return Response(validation_as_json(found, request, explain=explain))


def redeem_as_asked(caller: CheckoutCaller) -> Response:
    """Redeem what the caller's body names and answer what came of it."""
    request, explain = caller.read(), caller.explain
    done = redeem(project=caller.project, request=request, now=caller.now)
    return Response(recorded_as_json(done, request, explain=explain))


class ClientCheckout(ClientView, CheckoutCaller):
    """A checkout in a browser, where nobody learns how offers are built."""

    @property
    def explain(self) -> bool:
        """Explanations are for servers alone."""
        return False


class ClientValidationView(ClientCheckout, ValidationView):
    """The same for a browser: no switch, the origin decides."""

    @extend_schema(
        operation_id="client_validations_create",
        request=CheckoutBody,
        responses={200: ValidationAnswer},
    )
    def post(self, request: Request) -> Response:
        return super().post(request)


class ClientRedemptionView(ClientCheckout):
    """Redemptions from a browser, where the project allows it."""

    permission = "redemptions.redeem"
    switch = "client_redeem_enabled"

    @extend_schema(
        operation_id="client_redemptions_create",
        request=CheckoutBody,
        responses={200: RedemptionAnswer},
    )
    def post(self, _: Request) -> Response:
        return redeem_as_asked(self)
