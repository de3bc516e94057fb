"""Whether a redemption may be rolled back.

Source: engine specification, "Rollback".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from customers.engine.tracking import decode
from promo.errors import BadRequest, PromoError, ResourceNotFound
from redemptions.models import Redemption
from redemptions.models.redemption import Result, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackRequest:
    """A rollback as sent; customer, order and tracking id only have to agree."""

    reason: str = ""
    tracking_id: str | None = None
    customer: Mapping[str, Any] | None = None
    order: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] | None = None


def refusal_of(
    row: Redemption, *, has_children: bool, stacked: bool
) -> PromoError | None:
    """Return why ``row`` cannot be rolled back; None when it can, however old it is.

    ``stacked`` says that the endpoint for stacked redemptions was called.
    """
    if row.parent_id is not None:
        return BadRequest(
            "invalid_redemption_parent",
            "Invalid redemption parent",
            "You can rollback only a redemption that does not have parent redemption.",
        )
    if row.result == Result.FAILURE:
        return BadRequest(
            "invalid_redemption",
            "Invalid redemption",
            "You can rollback only a redemption that succeeded.",
        )
    if has_children and not stacked:
        return BadRequest(
            "invalid_redemption",
            "Invalid redemption",
            "You can rollback only a single redemption. "
            "Use different endpoint for stacked redemption.",
        )
    if row.status == Status.ROLLED_BACK:
        return BadRequest(
            "already_rolled_back",
            "Already rolled back",
            "Redemption has been already rolled back.",
        )
    return None


def check_related(row: Redemption, request: RollbackRequest) -> PromoError | None:
    """Return why the customer or order sent does not belong to ``row``.

    Raises:
        ResourceNotFound: no such customer.
    """
    if not _is_customer(row, request):
        return BadRequest(
            "invalid_customer",
            "Invalid customer",
            "Customer is not related with redemption.",
        )
    named = request.order or {}
    for name in ("id", "source_id"):
        known = getattr(row.order, "pk" if name == "id" else name, None)
        if named.get(name) and named[name] != known:
            return BadRequest(
                "invalid_order",
                "Invalid order",
                "Order is not related with redemption.",
            )
    return None


def _is_customer(row: Redemption, request: RollbackRequest) -> bool:
    sent = request.customer or {}
    reference = sent.get("id") or sent.get("source_id") or request.tracking_id
    if not reference:
        return True
    reference = decode(reference)
    if row.customer and reference in {row.customer.pk, row.customer.source_id}:
        return True
    known = row.project.customers.by_reference(reference).exists()
    if sent and not known:
        raise ResourceNotFound("customer", reference)
    return bool(row.tracking_id) and not sent and decode(row.tracking_id) == reference
