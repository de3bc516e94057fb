"""Values of the log as people read them."""

import json
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

_SHORTEST_MOMENT = 19


def value_in_words(value: Any) -> str:
    """Return a stored value as text: moments in the current zone, JSON laid out."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict | list):
        return json.dumps(value, indent=1, ensure_ascii=False) if value else "-"
    moment = _moment(value)
    return f"{localtime(moment):%-d %b %Y, %H:%M}" if moment else str(value)


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or len(value) < _SHORTEST_MOMENT or value[10] != "T":
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None
