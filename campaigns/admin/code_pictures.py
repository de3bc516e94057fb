"""Pictures of a code to download."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.admin.utils import quote
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from campaigns.engine import code_images
from campaigns.engine.code_images import NotDrawable
from campaigns.models import Voucher

Draw = Callable[[str], bytes]
#: By name of the file: what draws it, and the type of the file.
PICTURES: Mapping[str, tuple[Draw, str]] = {
    "qr.svg": (code_images.qr_svg, "image/svg+xml"),
    "qr.png": (code_images.qr_png, "image/png"),
    "barcode.svg": (code_images.barcode_svg, "image/svg+xml"),
    "barcode.png": (code_images.barcode_png, "image/png"),
}


def picture_of(
    admin: Any, request: HttpRequest, object_id: str, name: str
) -> HttpResponse:
    """Return a picture of a code of the project, to be kept.

    Raises:
        Http404: no such code or picture, or the code cannot be drawn like that.
    """
    voucher = admin.object_or_404(request, object_id)
    draw, kind = PICTURES.get(name, (None, ""))
    if draw is None:
        raise Http404(name)
    try:
        answer = HttpResponse(draw(voucher.code), content_type=kind)
    except NotDrawable as wrong:
        raise Http404(name) from wrong
    answer["Content-Disposition"] = f'attachment; filename="{voucher.pk}-{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def pictures_of(voucher: Voucher) -> dict[str, list[dict[str, str]]]:
    """Return the pictures that a code has, by kind: the type of each and its link."""
    kinds = ("qr", "barcode") if voucher.code.isascii() else ("qr",)
    return {
        kind: [
            {
                "name": ending.upper(),
                "link": reverse(
                    "admin:campaigns_voucher_picture",
                    args=(quote(voucher.pk), f"{kind}.{ending}"),
                ),
            }
            for ending in ("svg", "png")
        ]
        for kind in kinds
    }
