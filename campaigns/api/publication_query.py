"""``GET /v1/publications/create``: publishing out of a platform's template.

Source: campaigns specification, "Publications"; integrations specification, "What P4
demands from our public API".
"""

from typing import Any

from django.http import QueryDict
from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.publications import (
    JOIN_ONCE,
    PublicationInput,
    PublicationResource,
    PublicationSerializer,
)
from campaigns.services.publication import publish, too_many
from campaigns.wire.publication import publication_as_json
from promo.api import query
from promo.api.deep_query import nested, whole_numbers
from promo.errors import IntegrationKeyRequired, InvalidPayload, InvalidQueryParams

_TEXTS = ("voucher", "source_id", "channel")
_OBJECTS = ("campaign", "customer", "metadata")
_NUMBERS = frozenset({"count"})
_PARAMETERS = [
    JOIN_ONCE,
    OpenApiParameter("voucher", str, description="A code."),
    OpenApiParameter(
        "campaign", str, description="A name or id, or `campaign[name]` in brackets."
    ),
    OpenApiParameter(
        "customer",
        str,
        required=True,
        description="A source id or id, or an object in brackets.",
    ),
    OpenApiParameter("source_id", str),
    OpenApiParameter("channel", str),
    OpenApiParameter("metadata", str, description="An object in brackets."),
]


class PublicationByQuery(PublicationResource):
    """The same for callers who can only read an address: one code a call.

    It is for keys of platforms alone, whose secrets stand in no browser. HEAD, which
    must change nothing, is not answered.
    """

    route = "v1/publications/create"
    http_method_names = ["get", "options"]

    @classmethod
    def urls(cls) -> list[URLPattern]:
        view = cls.as_view({"get": "publish"})
        return [path(cls.route, view, name="publications-by-query")]

    def required_permission(self) -> str:
        """Return the code that publishing needs."""
        return "vouchers.publish"

    def check_caller(self, request: Request) -> None:
        """Refuse every key that is no platform's own."""
        if not self.credential.key.integration:
            raise IntegrationKeyRequired

    @extend_schema(
        operation_id="publications_create_by_query",
        parameters=_PARAMETERS,
        responses={200: PublicationSerializer},
    )
    def publish(self, request: Request) -> Response:
        """Give a customer one code."""
        asked = self.request_of(_read(self, request.query_params))
        if asked.count > 1:
            raise too_many()
        made = publish(project=self.project, request=asked, now=self.now)
        return Response(publication_as_json(made.row, made.vouchers))


def _read(view: PublicationResource, sent: QueryDict) -> dict[str, Any]:
    """Return what the query spells out; empty values count as not sent.

    Raises:
        InvalidQueryParams: there is no customer, or something does not fit.
    """
    body: dict[str, Any] = {name: query.text(sent, name) for name in _TEXTS}
    body |= {name: nested(sent, name) or None for name in _OBJECTS}
    if body["customer"] is None:
        raise InvalidQueryParams("Query should have required property 'customer'")
    try:
        return view.parse_sent(whole_numbers(body, _NUMBERS), PublicationInput)
    except InvalidPayload as refused:
        raise InvalidQueryParams(refused.details) from refused
