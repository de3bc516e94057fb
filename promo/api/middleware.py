"""The first thing an API request meets: its id, its path, its size."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import ParseError

from promo import request_context
from promo.api.errors import BodyTooLarge, body_of, transport_error
from promo.errors import PromoError

#: gunicorn takes request lines of 8190 bytes, path and verb included.
_LONGEST_QUERY = 7_000
_PREFIXES = ("/v1/", "/v2/", "/client/", "/management/", "/api/")


class ApiMiddleware:
    """Marks API requests, gives them an id and refuses what cannot be served.

    The path is kept percent-encoded, so that an id may hold a slash (``%2F``), and
    loses a trailing slash, so that both forms work.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.is_api = request.path_info.startswith(_PREFIXES)  # type: ignore[attr-defined]  # our mark
        if not request.is_api:  # type: ignore[attr-defined]  # our mark
            return self.get_response(request)
        is_client = request.path_info.startswith("/client/")
        request_id = request_context.new_request_id()
        request_context.bind(request_id, "CLIENT_API" if is_client else "API")
        try:
            response = self._answer(request)
        finally:
            request_context.clear()
        response.headers["X-Request-Id"] = request_id
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        refusal = _refusal(request)
        if refusal is not None:
            return JsonResponse(body_of(refusal), status=refusal.code)
        raw = request.META.get("RAW_URI", "").split("?")[0]
        path = raw if raw.startswith("/") else request.path_info
        request.path_info = path.rstrip("/") or "/"
        return self.get_response(request)


def _refusal(request: HttpRequest) -> PromoError | None:
    query = request.META.get("QUERY_STRING", "")
    if "\x00" in request.path_info or "%00" in query:
        return transport_error(ParseError, "The address must not contain NUL")
    if len(query) > _LONGEST_QUERY:
        limit = f"The query must not exceed {_LONGEST_QUERY} bytes"
        return transport_error(TooManyFieldsSent, limit)
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > settings.MAX_BODY_BYTES:
        return BodyTooLarge()
    return None
