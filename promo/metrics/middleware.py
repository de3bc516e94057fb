"""Counting requests."""

import re
from collections.abc import Callable
from functools import cache
from time import perf_counter

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from promo.metrics.counts import count_request

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class CountRequests:
    """Counts every request under the template of its address, never under its path."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = perf_counter()
        response = self.get_response(request)
        match, method = request.resolver_match, str(request.method)
        count_request(
            method=method if method in _METHODS else "other",
            route=_template(match.route) if match else "unknown",
            status=f"{response.status_code // 100}xx",
            seconds=perf_counter() - started,
        )
        return response


@cache
def _template(route: str) -> str:
    """Return a route as docs/endpoints.md writes it, ``/v1/vouchers/{code}``."""
    return "/" + _PARAMETER.sub(r"{\1}", route)
