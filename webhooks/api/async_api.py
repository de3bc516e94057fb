"""``/asyncapi.json``."""

import json
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from webhooks.wire.async_api import document


@require_safe
def async_api(request: HttpRequest) -> HttpResponse:
    """Answer the document; it changes with the code alone."""
    return HttpResponse(_text(), content_type="application/json")


@cache
def _text() -> str:
    return json.dumps(document(), default=dict)
