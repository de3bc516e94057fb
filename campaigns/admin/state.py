"""Where an offer stands now: said in lists, filtered by, the same for every offer."""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from campaigns.models.campaign import DisabledFor
from promo.admin.visit import project_of, visit

RUNNING = "Running"
SCHEDULED = "Scheduled"
ENDED = "Ended"
DISABLED = "Disabled"
USED_UP = "Used up"
PAUSED = "Paused: budget"

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


def dated_state(
    now: datetime,
    *,
    off: Q,
    before: tuple[When, ...] = (),
    first: tuple[When, ...] = (),
) -> Case:
    """Return the state of an offer with dates; ``off`` says what disables it."""
    return Case(
        *first,
        When(off, then=Value(DISABLED)),
        When(expiration_date__lt=now, then=Value(ENDED)),
        *before,
        When(start_date__gt=now, then=Value(SCHEDULED)),
        default=Value(RUNNING),
        output_field=CharField(),
    )


def campaign_state(now: datetime) -> Case:
    """Return where a campaign stands."""
    paused = When(active=False, disabled_for=DisabledFor.BUDGET, then=Value(PAUSED))
    return dated_state(now, off=Q(active=False), first=(paused,))


def tier_state(now: datetime) -> Case:
    """Return where a tier stands; its campaign's dates count where it has none."""
    campaign = "campaign__"
    ended = Q(expiration_date=None, **{f"{campaign}expiration_date__lt": now})
    early = Q(start_date=None, **{f"{campaign}start_date__gt": now})
    return dated_state(
        now,
        off=Q(active=False) | Q(campaign__active=False),
        before=(
            When(ended, then=Value(ENDED)),
            When(early, then=Value(SCHEDULED)),
        ),
    )


def voucher_state(now: datetime) -> Case:
    """Return where a voucher stands."""
    used = Q(redeemed_quantity__gte=F("redemption_quantity"))
    return dated_state(
        now,
        off=Q(active=False) | Q(campaign__active=False),
        before=(When(used, then=Value(USED_UP)),),
    )


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
    """The same, with campaigns whose budget is used up."""

    states = (*StateFilter.states, PAUSED)


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
