"""``/v1/customers`` and what belongs to one customer."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from customers.api.membership import MembershipColumn
from customers.models import Customer
from customers.services.confirmation import ask_to_confirm
from customers.services.customer import OPERATIONS, create_customer, find_customer
from customers.services.erasure import Erasure, erase_customer
from customers.services.links import preference_address
from customers.services.rendering import full_customer, unconfirmed_customer
from promo.api.columns import MomentColumn, TextColumn
from promo.api.fields import Day, JsonObject, Text
from promo.api.filters import QueryFilters
from promo.api.pagination import DatePagination, ListPagination
from promo.api.resource import Resource
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView, ClientView
from promo.clock import isoformat

_DOUBLE_OPT_IN = "X-Voucherify-Double-Opt-In"


class CustomerChange(ApiSerializer):
    """The profile fields that can be sent; null empties one."""

    name = Text(longest=500, required=False, allow_null=True)
    description = Text(required=False, allow_null=True)
    email = Text(longest=320, required=False, allow_null=True)
    phone = Text(longest=64, required=False, allow_null=True)
    birthdate = Day(required=False, allow_null=True)
    birthday = Day(required=False, allow_null=True)
    address = JsonObject(required=False, allow_null=True)
    metadata = JsonObject(required=False, allow_null=True)


class CustomerInput(CustomerChange):
    """A customer as sent to be kept."""

    id = Text(longest=255, required=False)
    source_id = Text(longest=255, required=False)


class CustomerSerializer(ApiSerializer):
    """A customer as answered."""

    id = Text()
    source_id = Text(allow_null=True)
    name = Text(allow_null=True)
    email = Text(allow_null=True)
    description = Text(required=False)
    phone = Text(required=False)
    birthdate = Day(required=False)
    birthday = Day(required=False)
    address = JsonObject(allow_null=True)
    summary = JsonObject()
    loyalty = JsonObject()
    referrals = JsonObject()
    metadata = JsonObject()
    system_metadata = JsonObject()
    created_at = Text()
    updated_at = Text(required=False)
    assets = JsonObject(required=False)
    object = Text()

    def to_representation(self, instance: Customer) -> dict[str, Any]:
        """Return the whole representation."""
        return full_customer(instance)


class CustomerResource(Resource[Customer]):
    route = "v1/customers"
    resource_type = "customer"
    permission_resource = "customers"
    serializer_class: ClassVar[type[Any]] = CustomerSerializer
    input_class = CustomerInput
    update_class = CustomerChange
    operations = OPERATIONS
    query_filters = QueryFilters(
        columns={
            "created_at": MomentColumn("created_at"),
            "updated_at": MomentColumn("updated_at"),
        },
        shortcuts={
            "email": TextColumn("email", caseless=True),
            "name": TextColumn("name", caseless=True),
            "city": TextColumn("city"),
            "segment_id": MembershipColumn(),
        },
    )
    pagination_class: ClassVar[type[ListPagination]] = DatePagination
    list_key = "customers"
    orderings = {name: name for name in ("created_at", "updated_at", "source_id")}
    last_page = 99

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """Return the routes, the one for erasing among them."""
        erase = f"{cls.route}/<reference:reference>/permanent-deletion"
        return [
            *super().urls(),
            path(erase, ErasureView.as_view(), name="v1-customers-erase"),
        ]

    def get_queryset(self) -> QuerySet[Customer]:
        rows = self.project.customers.alive().select_related("project")
        return rows.alias(city=KeyTextTransform("city", "address"))

    def find(self, reference: str) -> Customer:
        """Return the living customer; an id goes before a source id."""
        return find_customer(self.project, reference)

    def retrieve(self, _: Request, reference: str) -> Response:
        """Answer one customer, with where their own page is."""
        customer = self.find(reference)
        page = preference_address(customer)
        assets = {"cockpit_url": page, "cockpit_preference_center_url": page}
        return Response(self.show(customer) | {"assets": assets})


class ErasureAnswer(ApiSerializer):
    """The record of an erasure."""

    id = Text()
    created_at = Text()
    related_object_id = Text()
    related_object = Text()
    status = Text()
    data_json = JsonObject()
    object = Text()


class ErasureView(ApiView):
    """Forgets a person for good."""

    permission = "customers.delete"

    @extend_schema(
        operation_id="customers_erase", request=None, responses={200: ErasureAnswer}
    )
    def post(self, _: Request, reference: str) -> Response:
        return Response(_erasure(erase_customer(self.project, reference, now=self.now)))


def _erasure(done: Erasure) -> dict[str, Any]:
    return {
        "id": done.id,
        "created_at": isoformat(done.created_at),
        "related_object_id": done.customer_id,
        "related_object": "customer",
        "status": "DONE",
        "data_json": {**done.counts, "customer": 1},
        # Misspelt in the contract, and clients compare it.
        "object": "pernament_deletion",
    }


class ClientCustomerView(ClientView):
    """Customers from a browser, where the project allows it."""

    permission = "customers.modify"
    switch = "client_create_customer_enabled"

    @extend_schema(
        operation_id="client_customers_create",
        parameters=[OpenApiParameter(_DOUBLE_OPT_IN, bool, OpenApiParameter.HEADER)],
        request=CustomerInput,
        responses={200: CustomerSerializer},
    )
    def post(self, request: Request) -> Response:
        values = self.parse(CustomerInput)
        if request.headers.get(_DOUBLE_OPT_IN, "").strip().lower() == "true":
            pending = ask_to_confirm(project=self.project, now=self.now, **values)
            return Response(unconfirmed_customer(pending))
        made = create_customer(project=self.project, now=self.now, **values)
        return Response(full_customer(made))
