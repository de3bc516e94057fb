"""``/metrics``, for Prometheus alone."""

import hmac
import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from promo.api.client_address import client_address
from promo.metrics.scraping import exposition

#: Who sends one of these speaks for somebody else.
_OF_A_PROXY = (
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_REAL_IP",
)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer the metrics to who shows the token; without one, to this machine."""
    if settings.METRICS_TOKEN:
        if not _shows_token(request):
            refusal = _refusal("the header Authorization: Bearer METRICS_TOKEN", 401)
            refusal.headers["WWW-Authenticate"] = "Bearer"
            return refusal
    elif not _is_near(request):
        return _refusal("a caller on this machine, or METRICS_TOKEN to be set", 403)
    body, content_type = exposition(request.headers.get("Accept", ""))
    return HttpResponse(body, content_type=content_type)


def _shows_token(request: HttpRequest) -> bool:
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(
        shown.strip().encode(), settings.METRICS_TOKEN.encode()
    )


def _is_near(request: HttpRequest) -> bool:
    """Whether the caller is on this machine, with no proxy in between.

    A proxy on this machine would lend its own address to everybody.
    """
    trusted = settings.TRUSTED_PROXY_HEADER.upper().replace("-", "_")
    sent = [name for name in _OF_A_PROXY if name in request.META]
    if [name for name in sent if name != f"HTTP_{trusted}"]:
        return False
    try:
        return ipaddress.ip_address(client_address(request)).is_loopback
    except ValueError:
        return False


def _refusal(expected: str, status: int) -> HttpResponse:
    return JsonResponse({"status": "refused", "expected": expected}, status=status)
