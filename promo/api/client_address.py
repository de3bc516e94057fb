"""Where a request came from."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the caller's IP address.

    Only the header named by ``TRUSTED_PROXY_HEADER`` is believed, and of it only the
    last entry: that one was added by the proxy itself.
    """
    if settings.TRUSTED_PROXY_HEADER:
        name = "HTTP_" + settings.TRUSTED_PROXY_HEADER.upper().replace("-", "_")
        sent = request.META.get(name, "")
        if sent:
            return str(sent.rpartition(",")[2].strip())
    return str(request.META.get("REMOTE_ADDR", ""))
