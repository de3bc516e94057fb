"""Secrets, shown this once: in the answer itself, never in a session."""

from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers


def show_once(
    request: HttpRequest, *, title: str, rows: dict[str, str], back: str, warning: str
) -> HttpResponseBase:
    """Return a page, or the inside of a dialog, with ``rows`` to copy now."""
    in_dialog = bool(request.headers.get("HX-Request"))
    response = TemplateResponse(
        request,
        "admin/shown_once_dialog.html" if in_dialog else "admin/shown_once.html",
        {
            **({} if in_dialog else admin.site.each_context(request)),
            "title": title,
            "rows": rows,
            "back": back,
            "warning": warning,
        },
    )
    add_never_cache_headers(response)
    return response
