"""Sessions, sign-in and CSRF for the pages only; the API needs none of them."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone

from promo import request_context
from promo.admin.visit import visit

Answer = Callable[[HttpRequest], HttpResponseBase]

_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
)


def is_page(request: HttpRequest) -> bool:
    """Whether ``request`` is for a person's browser, not for the API."""
    return not getattr(request, "is_api", False)


class PageSecurity:
    """Gives pages their content-security policy."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if is_page(request):
            response.headers.setdefault("Content-Security-Policy", _POLICY)
        return response


class PageSessions(SessionMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        if is_page(request):
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        if is_page(request):
            return super().process_response(request, response)
        return response


class PageCsrf(CsrfViewMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        if is_page(request):
            super().process_request(request)

    def process_view(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        if is_page(request):
            return super().process_view(request, *args, **options)
        return None

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        if is_page(request):
            return super().process_response(request, response)
        return response


class PageUsers(AuthenticationMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        if is_page(request):
            super().process_request(request)


class PageMessages(MessageMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        if is_page(request):
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        if is_page(request):
            return super().process_response(request, response)
        return cast("Any", response)


class PageVisit:
    """Names the person behind what a page changes, and reads times in the zone.

    Pages show and take wall-clock times of the chosen project.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_page(request):
            return self.get_response(request)
        request_context.bind(request_context.new_request_id(), "USER_PORTAL")
        seen = visit(request)
        if seen.user:
            request_context.bind_caller(user_id=seen.user.pk)
        with timezone.override(seen.project.zone if seen.project else None):
            return self.get_response(request)
