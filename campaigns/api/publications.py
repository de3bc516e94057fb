"""``/v1/publications``: giving codes to customers."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.publication_filters import FILTERS
from campaigns.models import Publication
from campaigns.services.publication import (
    CHANNEL,
    PublicationRequest,
    publish,
    recipient,
)
from campaigns.wire.limits import without_nulls
from campaigns.wire.publication import listed_publication, publication_as_json
from customers.api.customers import CustomerInput
from customers.services.upsert import CustomerDraft
from promo.api import query
from promo.api.fields import JsonObject, ListOf, Text, WholeNumber
from promo.api.resource import Resource
from promo.api.serializers import ApiSerializer
from promo.api.views import ClientView
from promo.errors import BadRequest
from promo.operations import Operations

LAST_PAGE = 1_000
_LARGEST_COUNT = 10**9
_NOBODY = "Payload should have required property 'customer'"


class Recipient(CustomerInput):
    """A customer; a plain text is a source id, or the id of somebody known."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            return super().to_internal_value(data)
        read = super().to_internal_value({"source_id": data})
        return {"text": read["source_id"]}


class CampaignToPublish(ApiSerializer):
    """A campaign by name or id; a plain text is one too."""

    name = Text(shortest=1, longest=255)
    count = WholeNumber(
        least=-_LARGEST_COUNT, most=_LARGEST_COUNT, required=False, allow_null=True
    )

    def to_internal_value(self, data: Any) -> Any:
        named = {"name": data} if isinstance(data, str) else data
        return super().to_internal_value(named)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return without_nulls(attrs)


class PublicationInput(ApiSerializer):
    """The body of a publication."""

    voucher = Text(shortest=1, longest=512, required=False, allow_null=True)
    campaign = CampaignToPublish(required=False, allow_null=True)
    customer = Recipient()
    source_id = Text(shortest=1, longest=255, required=False, allow_null=True)
    channel = Text(shortest=1, longest=255, required=False, allow_null=True)
    metadata = JsonObject(required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("customer") in (None, ""):
            raise ValidationError(_NOBODY, code="sentence")
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        # Clients with a field for everything send what they leave out as null.
        return without_nulls(attrs)


class PublicationSerializer(ApiSerializer):
    """A publication as listed."""

    id = Text()
    object = Text()
    created_at = Text()
    customer_id = Text(allow_null=True)
    tracking_id = Text(allow_null=True)
    metadata = JsonObject()
    channel = Text()
    source_id = Text(allow_null=True)
    result = Text()
    customer = JsonObject(allow_null=True)
    voucher = JsonObject(required=False)
    vouchers_id = ListOf(Text())
    vouchers = ListOf(Text(), required=False)
    failure_code = Text(required=False)
    failure_message = Text(required=False)

    def to_representation(self, instance: Publication) -> dict[str, Any]:
        return listed_publication(instance)


JOIN_ONCE = OpenApiParameter("join_once", bool)
_PUBLISH = extend_schema(
    parameters=[JOIN_ONCE],
    request=PublicationInput,
    responses={200: PublicationSerializer},
)


class PublicationResource(Resource[Publication]):
    route = "v1/publications"
    resource_type = "publication"
    permission_resource = "vouchers"
    serializer_class: ClassVar[type[Any]] = PublicationSerializer
    input_class = PublicationInput
    operations: ClassVar[Operations[Any]] = Operations()
    query_filters = FILTERS
    list_key = "publications"
    orderings: ClassVar[Mapping[str, str]] = {
        "id": "pk",
        "voucher_code": "first_code",
        "created_at": "created_at",
        "customer_id": "customer_id",
        "tracking_id": "customer__source_id",
        "channel": "channel",
    }
    last_page = LAST_PAGE

    @classmethod
    def urls(cls) -> list[URLPattern]:
        view = cls.as_view({"get": "list", "post": "create"})
        return [path(cls.route, view, name=cls.route.replace("/", "-"))]

    def required_permission(self) -> str:
        """Return the code that listing or publishing needs."""
        return "vouchers.publish" if self.action == "create" else "vouchers.read"

    def get_queryset(self) -> QuerySet[Publication]:
        return self.project.publications.with_related().with_first_code()

    def list(self, request: Request) -> Response:
        """Answer the publications, the failed ones among them."""
        pages = request.query_params.get("page", "")
        if pages.isascii() and pages.isdigit() and int(pages[:9]) > LAST_PAGE:
            raise BadRequest(
                "page_over_limit",
                f"Listing resource above {LAST_PAGE} page is not supported",
                f"Property .page cannot be higher than {LAST_PAGE}",
            )
        return super().list(request)

    @_PUBLISH
    def create(self, request: Request) -> Response:
        """Give a customer codes."""
        asked = self.request_of(self.parse(PublicationInput))
        made = publish(project=self.project, request=asked, now=self.now)
        return Response(publication_as_json(made.row, made.vouchers))

    def request_of(self, body: Mapping[str, Any]) -> PublicationRequest:
        """Return what was read of a caller as the service takes it."""
        campaign = body.get("campaign") or {}
        return PublicationRequest(
            customer=self._draft(body["customer"]),
            voucher=body.get("voucher"),
            campaign=campaign.get("name"),
            count=campaign.get("count", 1),
            source_id=body.get("source_id"),
            channel=body.get("channel", CHANNEL),
            metadata=body.get("metadata", {}),
            join_once=query.flag(self.request.query_params, "join_once"),
        )

    def _draft(self, sent: Mapping[str, Any]) -> CustomerDraft:
        if "text" in sent:
            return recipient(self.project, sent["text"])
        values = {
            name: value
            for name, value in sent.items()
            if name not in {"id", "source_id"}
        }
        return CustomerDraft(
            id=sent.get("id", ""), source_id=sent.get("source_id", ""), values=values
        )


class ClientPublicationResource(PublicationResource, ClientView):
    """Publishing from a shop's web page, where the project allows it."""

    route = "client/v1/publish"
    switch = "client_publish_enabled"

    @classmethod
    def urls(cls) -> list[URLPattern]:
        view = cls.as_view({"post": "create"})
        return [path(cls.route, view, name="client-publish")]

    def required_permission(self) -> str:
        """Return none: the switch and the origin decide."""
        return ""
