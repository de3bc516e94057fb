"""Holding restricted callers to what they reach, wherever things are looked up.

What belongs to which campaign is known to a later app; ``REACH`` names what it offers.
Nothing is asked for a caller who reaches everything.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from promo import request_context


@dataclass(frozen=True, slots=True)
class Reach:
    """``narrow`` leaves rows out of a list; the others refuse a single thing."""

    narrow: Callable[[Any], Any]
    check_use: Callable[[Any], None]
    check_change: Callable[[Any], None]


def narrowed(rows: Any) -> Any:
    """Return the rows of a list that the caller may see."""
    return _reach().narrow(rows) if _is_restricted() else rows


def check_use(found: Any) -> None:
    """Refuse a caller who may not see or use ``found``.

    Raises:
        Forbidden: as it says.
    """
    if _is_restricted():
        _reach().check_use(found)


def check_change(found: Any) -> None:
    """Refuse a caller who may not change ``found``.

    Raises:
        Forbidden: as it says.
    """
    if _is_restricted():
        _reach().check_change(found)


def _is_restricted() -> bool:
    return request_context.current().places is not None


def _reach() -> Reach:
    found: Reach = import_string(settings.REACH)
    return found
