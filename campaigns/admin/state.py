"""Where an offer stands now: said in lists, filtered by, the same for every offer."""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from unfold.contrib.filters.admin import DropdownFilter

from campaigns.models import Voucher
from campaigns.services.states import (
    DISABLED,
    ENDED,
    PAUSED,
    RUNNING,
    SCHEDULED,
    SOON,
    USED_UP,
)
from promo.admin.visit import project_of, visit

STARTING_SOON = "Starting within a week"
ENDING_SOON = "Ending within a week"
COLOURS = {
    RUNNING: "success",
    SCHEDULED: "info",
    ENDED: "warning",
    DISABLED: "danger",
    USED_UP: "warning",
    PAUSED: "danger",
}
TONES = {
    RUNNING: "good",
    SCHEDULED: "",
    ENDED: "warn",
    DISABLED: "bad",
    USED_UP: "warn",
    PAUSED: "bad",
}


class StateFilter(DropdownFilter):
    """Filters a list by the annotated ``state``."""

    title = "status"
    parameter_name = "state"
    states: ClassVar[tuple[str, ...]] = (RUNNING, SCHEDULED, ENDED, DISABLED)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, state) for state in self.states]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class CampaignStateFilter(StateFilter):
    """The same, with campaigns whose budget is used up, and what changes shortly."""

    states = (*StateFilter.states, PAUSED, STARTING_SOON, ENDING_SOON)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the rows; what changes within a week is no state of its own."""
        until = visit(request).now + SOON
        if self.value() == STARTING_SOON:
            return queryset.filter(state=SCHEDULED, start_date__lt=until)
        if self.value() == ENDING_SOON:
            return queryset.filter(state=RUNNING, expiration_date__lt=until)
        return super().queryset(request, queryset)


class VoucherStateFilter(StateFilter):
    """The same, with codes that are used up; found by what indexes know of a state."""

    states = (*StateFilter.states, USED_UP)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the rows by the dates or switches that make the state, too."""
        now = visit(request).now
        # Named by their ids: of a join PostgreSQL cannot know how few there are.
        off = project_of(request).campaigns.filter(active=False).values_list("pk")
        found = super().queryset(request, queryset)
        if self.value() == ENDED:
            return found.filter(expiration_date__lt=now)
        if self.value() == SCHEDULED:
            return found.filter(start_date__gt=now)
        if self.value() == DISABLED:
            ids = [pk for (pk,) in off]
            return found.filter(Q(active=False) | Q(campaign__in=ids))
        return found


def state_in_words(voucher: Voucher) -> str:
    """Return where a code with an annotated ``state`` stands, with the day or the why.

    The campaign comes with the code.
    """
    campaign = voucher.campaign
    if voucher.active and campaign is not None and not campaign.active:
        return "Paused by campaign"
    state = str(getattr(voucher, "state", ""))
    if state == ENDED:
        return f"Expired on {_day(voucher.expiration_date)}"
    if state == SCHEDULED:
        return f"Starts on {_day(voucher.start_date)}"
    return {RUNNING: "Usable"}.get(state, state)


def _day(moment: datetime | None) -> str:
    return date_format(localtime(moment), "j M Y") if moment else "-"
