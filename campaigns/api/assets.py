"""``/v1/assets``: pictures of codes, for e-mails and pages that have no key.

Source: campaigns specification, "Voucher object"; platform specification, "Scopes".
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from campaigns.engine import code_images
from campaigns.engine.code_images import NotDrawable
from campaigns.services.assets import code_behind
from promo.api import query
from promo.errors import ResourceNotFound

SVG, PNG = "image/svg+xml", "image/png"
_TYPES = {"svg": SVG, "png": PNG}
_LARGEST = 100
_NOT_ASCII = "A barcode carries ASCII alone: this code has a QR code only"
# What an id shows never changes; a code that is thrown away is gone after a day.
_KEPT = "public, max-age=86400"
_HEADERS = {
    "Cache-Control": _KEPT,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


class _Anything(BaseContentNegotiation):
    """Errors are JSON whatever was asked for: an ``img`` asks for pictures alone."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Any, renderers: Any, format_suffix: Any = None
    ) -> Any:
        return renderers[0], renderers[0].media_type


@extend_schema(
    parameters=[
        OpenApiParameter(
            "size",
            {"type": "integer", "minimum": 1, "maximum": _LARGEST, "default": 10},
            description="How large; twice the size is twice as wide and as high.",
        ),
        OpenApiParameter("format", enum=[*_TYPES], default="png"),
    ],
    responses={(200, kind): OpenApiTypes.BINARY for kind in (PNG, SVG)},
    auth=[],
)
class AssetView(APIView):
    """A picture of a code; ``draws`` has what draws it, by format."""

    authentication_classes = ()
    content_negotiation_class = _Anything
    draws: Mapping[str, Callable[[str, int], bytes]] = {}

    def get(self, request: Request, asset: str) -> HttpResponse:
        """Answer the picture, without a key."""
        sent = request.query_params
        size = query.whole_number(sent, "size", least=1, most=_LARGEST, default=10)
        form = query.choice(sent, "format", _TYPES) or "png"
        code = code_behind(asset)
        if code is None:
            raise ResourceNotFound("asset", asset)
        try:
            drawn = self.draws[form](code, size)
        except NotDrawable as wrong:
            refused = ResourceNotFound("asset", asset)
            refused.details = _NOT_ASCII
            raise refused from wrong
        return HttpResponse(drawn, content_type=_TYPES[form], headers=_HEADERS)


class QrView(AssetView):
    draws = {"svg": code_images.qr_svg, "png": code_images.qr_png}


class BarcodeView(AssetView):
    draws = {"svg": code_images.barcode_svg, "png": code_images.barcode_png}


URLS: list[URLPattern] = [
    path("v1/assets/qr/<str:asset>", QrView.as_view(), name="qr-asset"),
    path("v1/assets/barcode/<str:asset>", BarcodeView.as_view(), name="barcode-asset"),
]
