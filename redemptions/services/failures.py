"""Keeping failed attempts: who tried what, and why it was refused."""

from datetime import datetime
from typing import Any

from django.db import transaction

from customers.models import Customer
from promo import request_context
from promo.errors import PromoError
from promo.outbox.events import emit
from promo.tenancy.models import Project
from redemptions.engine.decision import Decision, Entry
from redemptions.engine.explanation import trace_of
from redemptions.engine.order import opening_state
from redemptions.engine.order_rendering import order_as_json
from redemptions.models import Redemption
from redemptions.models.redemption import Kind, Result, Status
from redemptions.services.facts import Loaded
from redemptions.services.requests import CheckoutRequest, as_asked
from redemptions.services.telling import redemption_events

#: What a cart that was refused is not: an order that is stored, and somebody's.
_NOT_KEPT = frozenset(
    {"id", "created_at", "status", "customer", "customer_id"}
    | {"referrer", "referrer_id"}
)


@transaction.atomic
def record_failure(
    *,
    project: Project,
    request: CheckoutRequest,
    decision: Decision,
    entry: Entry | None,
    loaded: Loaded,
    tracking_id: str | None,
    refusal: PromoError,
    now: datetime,
) -> Redemption:
    """Store one failed redemption with the decision's trace, and tell of it.

    ``entry`` is the redeemable that it failed by, None when it was no single one.
    The redeeming transaction has been rolled back, and with it a customer whom only
    this request names: the record then names none.
    """
    voucher = tier = None
    if entry is not None:
        voucher = loaded.found.vouchers.get(entry.redeemable.ref)
        tier = loaded.found.tiers.get(entry.redeemable.ref)
    thing = voucher or tier
    row = Redemption(
        project=project,
        object=Kind.REDEMPTION,
        result=Result.FAILURE,
        status=Status.FAILED,
        created_at=now,
        customer=_still_there(loaded.customer),
        tracking_id=tracking_id or "",
        metadata=request.metadata,
        related_object_type=entry.redeemable.object if entry else "",
        related_object_id=thing.pk if thing else "",
        voucher=voucher,
        voucher_code=voucher.code if voucher else "",
        promotion_tier=tier,
        campaign=thing.campaign if thing else None,
        failure_code=refusal.key,
        failure_message=refusal.message,
        session_key=request.session.key if request.session else "",
        channel_id=channel_id(),
        trace=_explained(decision, request),
    )
    row.save(force_insert=True)
    emit(project, redemption_events("redemption.failed", [row]), now=now)
    return row


def _explained(decision: Decision, request: CheckoutRequest) -> dict[str, Any]:
    """Return the trace with the cart and what was asked for, to decide it again.

    A failed redemption has no order of its own; the cart is not stored as one. Whose
    it is stands with the redemption alone.
    """
    trace = {
        **trace_of(decision),
        "asked": [as_asked(one) for one in request.redeemables],
    }
    if decision.facts.order is None:
        return trace
    cart = order_as_json(opening_state(decision.facts.order))
    return {**trace, "order": {k: v for k, v in cart.items() if k not in _NOT_KEPT}}


def _still_there(customer: Customer | None) -> Customer | None:
    if customer is None or not Customer.objects.filter(pk=customer.pk).exists():
        return None
    return customer


def channel_id() -> str:
    """Return who asks: the person signed in, else the key's application id."""
    context = request_context.current()
    return context.user_id or (context.api_key or {}).get("app_id", "")
