"""Turning every failure into the API's error body; nothing else does.

``{code, key, message, details, request_id, resource_id, resource_type, error}``;
what is unknown is left out.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
)
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.views.defaults import page_not_found, server_error
from rest_framework import exceptions
from rest_framework.response import Response

from promo import request_context
from promo.api.problems import sentence
from promo.errors import InvalidPayload, PromoError, RouteNotFound

log = structlog.get_logger()


def body_of(error: PromoError) -> dict[str, Any]:
    """Return the JSON body of ``error``."""
    body = {
        "code": error.code,
        "key": error.key,
        "message": error.message,
        "details": error.details,
        "request_id": request_context.current().request_id,
        "resource_id": error.resource_id,
        "resource_type": error.resource_type,
        **error.extra,
    }
    if error.error_message:
        body["error"] = {"message": error.error_message}
    return {name: value for name, value in body.items() if value is not None}


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer an exception that a view raised; None lets Django answer 500."""
    if isinstance(error, PromoError):
        return Response(body_of(error), status=error.code)
    translated = _translate(error)
    if translated is None:
        return None
    headers = {}
    if isinstance(error, exceptions.MethodNotAllowed):
        headers["Allow"] = ", ".join(context["view"].allowed_methods)
    return Response(body_of(translated), status=translated.code, headers=headers)


_TRANSPORT: dict[type[Exception], tuple[int, str, str]] = {
    exceptions.ParseError: (400, "invalid_payload", "Invalid payload"),
    exceptions.NotAuthenticated: (401, "unauthorized", "Unauthorized"),
    exceptions.AuthenticationFailed: (401, "unauthorized", "Unauthorized"),
    exceptions.PermissionDenied: (403, "forbidden", "Forbidden"),
    PermissionDenied: (403, "forbidden", "Forbidden"),
    exceptions.MethodNotAllowed: (405, "method_not_allowed", "Method not allowed"),
    exceptions.NotAcceptable: (406, "not_acceptable", "Not acceptable"),
    exceptions.UnsupportedMediaType: (
        415,
        "unsupported_media_type",
        "Unsupported media type",
    ),
    TooManyFieldsSent: (400, "query_too_large", "Query too large"),
}


class _Transport(PromoError):
    """A failure of HTTP itself."""

    def __init__(self, code: int, key: str, message: str, details: str) -> None:
        super().__init__(details, message=message)
        self.code = code  # type: ignore[misc]  # one class serves every status
        self.key = key


class BodyTooLarge(PromoError):
    """A body beyond ``MAX_BODY_BYTES``, told in the shape of the transport as well."""

    code = 413
    key = "query_too_large"

    def __init__(self) -> None:
        limit = settings.MAX_BODY_BYTES
        super().__init__(
            message=f"Payload content length greater than maximum allowed: {limit}",
            extra={"statusCode": self.code, "error": "Request Entity Too Large"},
        )


def transport_error(kind: type[Exception], details: str) -> PromoError:
    """Return the API's form of a failure of HTTP itself."""
    return _Transport(*_TRANSPORT[kind], details)


def _translate(error: Exception) -> PromoError | None:
    if isinstance(error, exceptions.ValidationError):
        return InvalidPayload(sentence(error.detail))
    if isinstance(error, Http404 | exceptions.NotFound):
        return RouteNotFound()
    if isinstance(error, RequestDataTooBig):
        return BodyTooLarge()
    for kind in _TRANSPORT:
        if isinstance(error, kind):
            return transport_error(kind, str(getattr(error, "detail", error)))
    return None


def _is_api(request: HttpRequest) -> bool:
    return bool(getattr(request, "is_api", False))


def handler404(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer an unknown path, as JSON on the API and as a page elsewhere."""
    if _is_api(request):
        return JsonResponse(body_of(RouteNotFound()), status=404)
    return page_not_found(request, exception)


def handler500(request: HttpRequest) -> HttpResponseBase:
    """Answer a defect; what went wrong stands in the log, not in the answer."""
    if not _is_api(request):
        return server_error(request)
    body = {
        "code": 500,
        "key": "internal_server_error",
        "message": "Internal server error",
        "request_id": request_context.current().request_id,
    }
    return JsonResponse(body, status=500)
