"""What the search of the API log takes: a request id, or a part of a call."""

import re
from datetime import timedelta

from django.db.models import Q

_REQUEST_ID = re.compile(r"[vw]-[0-9a-f]{18}")
_ID = re.compile(r"log_[0-9a-f]{32}")
#: What the list shows while nobody names days or a request.
SHOWN = timedelta(hours=24)
STATUSES = ("2", "3", "4", "5")


def names_calls(term: str) -> bool:
    """Whether ``term`` is an id that finds calls of any time at once."""
    typed = term.strip()
    return bool(_REQUEST_ID.fullmatch(typed) or _ID.fullmatch(typed))


def about_calls(term: str) -> Q:
    """Return the calls with this id, else those that hold ``term`` as it is written."""
    if _ID.fullmatch(term):
        return Q(pk=term)
    if _REQUEST_ID.fullmatch(term):
        return Q(request_id=term)
    return (
        Q(url__contains=term)
        | Q(request_body__contains=term)
        | Q(response_body__contains=term)
    )


def answered(first_digit: str) -> Q:
    """Return the calls whose status begins with a digit, ``4`` for the refused.

    Raises:
        KeyError: no status of a call does.
    """
    if first_digit not in STATUSES:
        raise KeyError(first_digit)
    first = int(first_digit) * 100
    return Q(status__range=(first, first + 99))
