"""The deprecated validation of one code from a browser, all in the query."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from promo.api import query
from promo.api.deep_query import nested, whole_numbers
from promo.api.views import ClientView
from redemptions.api.checkout_body import SingleBody
from redemptions.api.single import SingleAnswer, Validator

_NUMBERS = frozenset({"amount", "price", "quantity"})
_SESSION = ("key", "type", "ttl", "ttl_unit")

PARAMETERS = [
    OpenApiParameter("amount", str, description="Minor units."),
    OpenApiParameter("customer", str, description="An id, or an object in brackets."),
    OpenApiParameter("tracking_id", str),
    OpenApiParameter("item", str, description="Order lines, in brackets."),
    OpenApiParameter("metadata", str, description="An object in brackets."),
    OpenApiParameter("order", str, description="Its metadata, in brackets."),
]


class ClientSingleValidation(ClientView, Validator):
    """``GET /client/v1/validate?code=…``: cards pay as much as they can."""

    @extend_schema(
        operation_id="client_validate",
        parameters=[
            OpenApiParameter("code", str, required=True),
            *PARAMETERS,
            *(OpenApiParameter(f"session_{name}", str) for name in _SESSION),
        ],
        responses={200: SingleAnswer},
    )
    def get(self, _: Request) -> Response:
        sent = self.request.query_params
        code = query.required_text(sent, "code")
        body = self.parse_sent(body_of(sent), SingleBody)
        return Response(self.answer(self.of_body(code, body)))


def body_of(sent: QueryDict) -> dict[str, Any]:
    """Return the body of a validation that a query string spells out.

    Raises:
        InvalidQueryParams: brackets that do not match.
    """
    body: dict[str, Any] = {}
    order = {"amount": query.text(sent, "amount"), "items": _items(sent)}
    described = nested(sent, "order")
    if isinstance(described, dict) and "metadata" in described:
        order["metadata"] = described["metadata"]
    order = {name: value for name, value in order.items() if value is not None}
    if order:
        body["order"] = whole_numbers(order, _NUMBERS)
    customer = nested(sent, "customer")
    if customer is not None:
        body["customer"] = {"id": customer} if isinstance(customer, str) else customer
    for name in ("tracking_id", "metadata"):
        value = nested(sent, name)
        if value is not None:
            body[name] = value
    session = {name: query.text(sent, f"session_{name}") for name in _SESSION}
    if any(session.values()):
        body["session"] = {**session, "ttl": _number(session["ttl"])}
    return body


def _items(sent: QueryDict) -> Any:
    """Return the lines; one that is written without a number stands alone."""
    items = nested(sent, "item")
    return [items] if isinstance(items, dict) else items


def _number(text: str | None) -> Any:
    try:
        found = None if text is None else Decimal(text)
    except InvalidOperation:
        return text
    return found if found is None else float(found)
