"""What the log of redemptions is filtered and searched by."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from campaigns.models.voucher import code_key
from promo.sql_constants import Constant
from promo.tenancy.models import Project
from redemptions.admin.reasons import REASONS
from redemptions.models import Redemption
from redemptions.models.redemption import Kind, Result, Status

# A search that finds more than this many codes, orders or customers shows the rows
# of the first ones: typing more narrows it.
_FOUND = 200

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
_OUTCOMES = {
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
        return [(outcome, outcome) for outcome in _OUTCOMES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = _OUTCOMES.get(str(self.value()))
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


def search(
    project: Project, rows: QuerySet[Redemption], term: str
) -> QuerySet[Redemption]:
    """Return the rows about an id, a code, an order or a customer.

    Ids, order and e-mail address are whole, a code may be its start. Each kind is
    looked up by its own index first, so that the log is never read as a whole.
    """
    by_id = Redemption.objects.by_reference(term).values_list("pk", flat=True)
    vouchers = project.vouchers.filter(code_key__startswith=code_key(project, term))
    orders = project.orders.alive().by_reference(term)
    people = project.customers.called(term)
    return rows.filter(
        Q(pk__in=list(by_id))
        | Q(voucher__in=_keys(vouchers))
        | Q(order__in=_keys(orders))
        | Q(customer__in=_keys(people))
    )


def _keys(rows: QuerySet[Any]) -> list[str]:
    return list(rows.order_by().values_list("pk", flat=True)[:_FOUND])
