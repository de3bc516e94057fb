"""``/v1/products/importCSV``, ``/bulk/async``, ``/metadata/async``, ``/v1/skus/…``."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.products import ProductChange
from promo.api.fields import JsonObject, ListOf, Text
from promo.api.serializers import ApiSerializer
from promo.jobs.rows.intake import (
    CSV_BODY,
    AcceptedSerializer,
    CsvIntake,
    MetadataIntake,
    ObjectsIntake,
)

_OK = 200
_MOST = 1_000_000


class BulkProduct(ProductChange):
    """A product of a bulk update."""

    source_id = Text(shortest=1, longest=255)


class ProductsMetadataInput(ApiSerializer):
    """Which products the metadata are for."""

    source_ids = ListOf(Text(shortest=1, longest=255), most=_MOST)
    metadata = JsonObject()


class ProductsCsvView(CsvIntake):
    permission = "products.create"
    kind = "PRODUCTS.IMPORT_CSV"
    answered = _OK

    @extend_schema(request=CSV_BODY, responses=AcceptedSerializer)
    def post(self, request: Request, **named: Any) -> Response:
        return super().post(request, **named)


class SkusCsvView(CsvIntake):
    permission = "products.create"
    kind = "SKUS.IMPORT_CSV"
    answered = _OK

    @extend_schema(request=CSV_BODY, responses=AcceptedSerializer)
    def post(self, request: Request, **named: Any) -> Response:
        return super().post(request, **named)


class ProductsBulkView(ObjectsIntake):
    permission = "products.modify"
    kind = "PRODUCTS.BULK_UPDATE"
    item_class = BulkProduct

    @extend_schema(request=BulkProduct(many=True), responses={202: AcceptedSerializer})
    def post(self, request: Request, **named: Any) -> Response:
        return super().post(request, **named)

    def read(self, sent: Any) -> Sequence[Any]:
        return self.understood(sent)


class ProductsMetadataView(MetadataIntake):
    permission = "products.modify"
    kind = "PRODUCTS.METADATA_UPDATE"
    input_class = ProductsMetadataInput

    @extend_schema(request=ProductsMetadataInput, responses={202: AcceptedSerializer})
    def post(self, request: Request, **named: Any) -> Response:
        return super().post(request, **named)
