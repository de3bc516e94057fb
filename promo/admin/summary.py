"""What stands above a form: the few figures that say how a thing is doing."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its name, its value as people read it, a note beneath.

    ``link`` leads to the rows behind it. ``share`` draws a bar, in percent; it is
    None for no bar. ``tone`` colours the value: ``good``, ``warn`` or ``bad``.
    """

    name: str
    value: str
    note: str = ""
    link: str = ""
    share: int | None = None
    tone: str = ""


def list_address(model: str, **query: str) -> str:
    """Return where a filtered list is; ``model`` is ``app_model``."""
    address = reverse(f"admin:{model}_changelist")
    return f"{address}?{urlencode(query)}" if query else address


def share_of(part: int, whole: int) -> int:
    """Return ``part`` in whole percents of ``whole``, between 0 and 100."""
    return min(100, part * 100 // whole) if whole else 0
