"""``/v1/orders/import``."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from promo.errors import InvalidPayload
from promo.jobs.rows.intake import AcceptedSerializer, ObjectsIntake
from redemptions.api.orders import OrderInput

MOST_ORDERS = 2_000
MOST_BYTES = 10_485_760
_OK = 200


class OrdersImportView(ObjectsIntake):
    permission = "orders.create"
    kind = "ORDERS.IMPORT"
    answered = _OK
    item_class = OrderInput
    most = MOST_ORDERS

    @extend_schema(request=OrderInput(many=True), responses=AcceptedSerializer)
    def post(self, request: Request, **named: Any) -> Response:
        """Take orders in that were made elsewhere, long ago."""
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if length.isdigit() and int(length) > MOST_BYTES:
            raise InvalidPayload(f"Payload must NOT have more than {MOST_BYTES} bytes")
        return super().post(request, **named)

    def read(self, sent: Any) -> Sequence[Any]:
        return self.understood(sent)
