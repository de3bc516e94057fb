"""What a decision or a redemption comes to, in the words of a counter."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from promo.admin.presentation import money
from promo.admin.visit import Visit
from promo.tenancy.models import Project
from redemptions.admin.voice import voice_for
from redemptions.engine.decision import Decision
from redemptions.engine.explanation import trace_of
from redemptions.engine.story import tell_decision
from redemptions.models import Redemption
from redemptions.models.redemption import Kind, Status

#: How long somebody may undo a slip of their own without the right to roll back.
OWN_SLIP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Decided:
    """Whether a code applies, the headline, and the sentences that explain it."""

    accepted: bool
    headline: str
    reasons: tuple[str, ...]


def decided(decision: Decision, project: Project) -> Decided:
    """Return a decision in words: what is to pay, or why it is refused."""
    trace = trace_of(decision)
    told = tell_decision(trace, voice_for(project, trace))
    reasons = tuple(
        f"{one.summary} Tell the customer: “{one.shop_text}”"
        if one.shop_text
        else one.summary
        for one in told
    )
    if not decision.valid:
        return Decided(accepted=False, headline="Cannot be used", reasons=reasons)
    order = decision.order
    if order is None or order.total_amount is None:
        headline = "Can be used"
    else:
        headline = f"To pay: {money(order.total_amount, project.currency)}"
    return Decided(accepted=True, headline=headline, reasons=reasons)


def may_undo(seen: Visit, row: Redemption) -> bool:
    """Whether a person may undo this redemption here.

    Who may roll back may; who may only redeem undoes a slip of their own, made at the
    dashboard in the last 15 minutes. Why they may: docs/codes.md, "Redeeming by hand".
    """
    if row.object != Kind.REDEMPTION or row.status != Status.SUCCEEDED:
        return False
    if seen.may("redemptions.rollback"):
        return True
    own = seen.user is not None and row.channel_id == str(seen.user.pk)
    return own and seen.now - row.created_at <= OWN_SLIP


def figures(row: Redemption) -> list[tuple[str, str]]:
    """Return what a redemption came to, name and value."""
    currency = row.project.currency
    order: dict[str, Any] = row.order_state or {}
    found = [("Code", row.voucher_code)]
    if row.applied_amount:
        found.append(("Taken off", money(row.applied_amount, currency)))
    if row.card_amount:
        found.append(("Paid with the card", _of_card(row)))
    if order.get("total_amount") is not None:
        found.append(("To pay", money(order["total_amount"], currency)))
    if row.customer:
        found.append(("Customer", str(row.customer)))
    return found


def _of_card(row: Redemption) -> str:
    if row.voucher is not None and row.voucher.type == "LOYALTY_CARD":
        return f"{row.card_amount:,} points"
    return money(row.card_amount, row.project.currency)
