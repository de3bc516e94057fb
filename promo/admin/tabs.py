"""Tabs of a thing's page: each is read when somebody opens it, and has an address."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from promo.admin.panel import Panel
from promo.admin.visit import visit


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its ``name`` in addresses, its title, what it shows, and to whom.

    ``panels(request, thing)`` reads its tables; None stands for one that the person may
    not see. ``permission`` is what opening it needs.
    """

    name: str
    title: str
    permission: str
    panels: Callable[[HttpRequest, Any], Sequence[Panel | None]]

    def read(self, request: HttpRequest, thing: Any) -> list[Panel]:
        """Return the tables that the person may see."""
        return [one for one in self.panels(request, thing) if one is not None]


def open_to(request: HttpRequest, tabs: Sequence[Tab]) -> list[Tab]:
    """Return the tabs that the person may open."""
    return [tab for tab in tabs if visit(request).may(tab.permission)]
