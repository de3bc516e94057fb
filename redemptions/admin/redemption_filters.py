"""What the log of redemptions is filtered by."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from promo.sql_constants import Constant
from redemptions.admin.reasons import REASONS
from redemptions.models import Redemption
from redemptions.models.redemption import Kind, Result, Status

SUCCEEDED = "Succeeded"
REFUSED = "Refused"
UNDONE = "Rolled back"
ROLLBACK = "Rollback"
FAILED_ROLLBACK = "Failed rollback"

COLOURS = {
    SUCCEEDED: "success",
    REFUSED: "danger",
    UNDONE: "warning",
    ROLLBACK: "info",
    FAILED_ROLLBACK: "danger",
}
OUTCOMES = {
    SUCCEEDED: {"object": Kind.REDEMPTION, "status": Status.SUCCEEDED},
    REFUSED: {"object": Kind.REDEMPTION, "result": Result.FAILURE},
    UNDONE: {"object": Kind.REDEMPTION, "status": Status.ROLLED_BACK},
    ROLLBACK: {"object": Kind.ROLLBACK, "result": Result.SUCCESS},
    FAILED_ROLLBACK: {"object": Kind.ROLLBACK, "result": Result.FAILURE},
}


def outcome_of(row: Redemption) -> str:
    """Return how an attempt ended, as the log says it."""
    failed = row.result == Result.FAILURE
    if row.object == Kind.ROLLBACK:
        return FAILED_ROLLBACK if failed else ROLLBACK
    if failed:
        return REFUSED
    return UNDONE if row.status == Status.ROLLED_BACK else SUCCEEDED


class OutcomeFilter(DropdownFilter):
    title = "result"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[Any]:
        return [(outcome, outcome) for outcome in OUTCOMES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = OUTCOMES.get(str(self.value()))
        if not wanted:
            return queryset
        return queryset.filter(
            **{name: Constant(value) for name, value in wanted.items()}
        )


class ReasonFilter(DropdownFilter):
    title = "reason"
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[Any]:
        return list(REASONS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        refused = queryset.filter(result=Constant(Result.FAILURE))
        return refused.filter(failure_code=self.value())
