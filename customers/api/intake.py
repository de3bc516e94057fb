"""``/v1/customers/importCSV``, ``/bulk/async`` and ``/metadata/async``."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from customers.api.customers import CustomerChange
from promo.api.fields import JsonObject, ListOf, Text
from promo.api.serializers import ApiSerializer
from promo.jobs.rows.intake import (
    AcceptedSerializer,
    CsvIntake,
    MetadataIntake,
    ObjectsIntake,
)


class BulkCustomer(CustomerChange):
    """A profile of a bulk update."""

    source_id = Text(longest=255)


class CustomersMetadataInput(ApiSerializer):
    """Whom the metadata are for."""

    source_ids = ListOf(Text(longest=255), most=1_000_000)
    metadata = JsonObject()


class CustomersCsvView(CsvIntake):
    permission = "customers.modify"
    kind = "CUSTOMERS.IMPORT_CSV"


class CustomersBulkView(ObjectsIntake):
    permission = "customers.modify"
    kind = "CUSTOMERS.BULK_UPDATE"
    item_class = BulkCustomer

    @extend_schema(request=BulkCustomer(many=True), responses={202: AcceptedSerializer})
    def post(self, request: Request, **named: Any) -> Response:
        return super().post(request, **named)


class CustomersMetadataView(MetadataIntake):
    permission = "customers.modify"
    kind = "CUSTOMERS.METADATA_UPDATE"
    input_class = CustomersMetadataInput

    @extend_schema(request=CustomersMetadataInput, responses={202: AcceptedSerializer})
    def post(self, request: Request, **named: Any) -> Response:
        return super().post(request, **named)
