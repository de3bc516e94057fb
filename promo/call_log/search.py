"""What the search of the API log takes: a request id, or a part of a call."""

import re
from typing import Any

from django.db.models import Q, QuerySet

_REQUEST_ID = re.compile(r"[vw]-[0-9a-f]{18}")
_ID = re.compile(r"log_[0-9a-f]{32}")


def names_calls(term: str) -> bool:
    """Whether ``term`` is an id that finds calls of any time at once."""
    typed = term.strip()
    return bool(_REQUEST_ID.fullmatch(typed) or _ID.fullmatch(typed))


def search(rows: QuerySet[Any], term: str) -> QuerySet[Any]:
    """Return the calls with this id, else those that hold ``term`` as it is written."""
    if _ID.fullmatch(term):
        return rows.filter(pk=term)
    if _REQUEST_ID.fullmatch(term):
        return rows.filter(request_id=term)
    return rows.filter(
        Q(url__contains=term)
        | Q(request_body__contains=term)
        | Q(response_body__contains=term)
    )
