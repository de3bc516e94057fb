"""Writing JSON: lower-case content type, moments as the API writes them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rest_framework.renderers import BaseRenderer

from promo.clock import isoformat
from promo.quick_json import dumps


def plain(value: Any) -> Any:
    """Return the JSON form of a value that JSON itself does not know."""
    if isinstance(value, datetime):
        return isoformat(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple | frozenset | set):
        return list(value)
    return str(value)


class ApiJSONRenderer(BaseRenderer):
    """``application/json`` without a charset: JSON is UTF-8."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        return dumps(data, plain)
