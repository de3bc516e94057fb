"""The page that says whether all is well, and the lights of the home page."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.module_loading import import_string
from django.utils.timezone import localtime

from promo.admin.visit import visit
from promo.health.fact import Fact
from promo.health.system import programs


def system_health(request: HttpRequest) -> HttpResponseBase:
    """Show what is well with the installation and the project, and what is not."""
    seen = visit(request)
    if seen.project is None or not seen.may("logs.read"):
        raise PermissionDenied
    groups = [
        ("This installation", [*programs(), *_told(request, settings.SYSTEM_FACTS)]),
        ("This project", lights(request)),
    ]
    wrong = sum(one.tone == "bad" for _, facts in groups for one in facts)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "System health",
        "as_of": localtime(seen.now),
        "groups": groups,
        "wrong": wrong,
    }
    return TemplateResponse(request, "admin/health.html", context)


def lights(request: HttpRequest) -> list[Fact]:
    """Return what a project's people have to look after, as far as they may see it."""
    return _told(request, settings.PROJECT_FACTS)


def _told(request: HttpRequest, paths: list[str]) -> list[Fact]:
    found: list[Fact | None] = [import_string(path)(request) for path in paths]
    return [one for one in found if one is not None]
