"""Changing a balance at the dashboard: above a limit with a second person.

The project says how much one person moves on a gift card or a loyalty card. What is
more waits as a request until somebody else agrees; shops with their keys are not asked.
"""

from datetime import datetime

from campaigns.models import Voucher, VoucherType
from campaigns.wire.holder import redeemable_status
from promo.approvals.actions import Action
from promo.errors import BadRequest
from promo.tenancy.models import Project
from redemptions.services.balance import BY_DASHBOARD, change_balance

_WORDS = "campaigns.admin.proposals"


def _move(
    *,
    project: Project,
    target: Voucher,
    now: datetime,
    amount: int,
    reason: str,
    request: str | None = None,
) -> Voucher:
    """Change the balance, and return the card as it is then.

    The entry of an approved ``request`` has its id, and a card has one entry with an
    id: a request never moves a balance twice.
    """
    if _needs_second(target, amount=amount, reason=reason) or request:
        _refuse_expired(target, now)
    change_balance(
        target,
        amount=amount,
        reason=reason,
        source=BY_DASHBOARD,
        source_id=request,
        now=now,
    )
    target.refresh_from_db(fields=["balance", "credited_amount", "subtracted_amount"])
    return target


def _refuse_expired(card: Voucher, now: datetime) -> None:
    if redeemable_status(card, now=now) == "EXPIRED":
        message = "The card has expired"
        raise BadRequest("voucher_expired", message, f"{card.code} is over")


def _needs_second(card: Voucher, *, amount: int, reason: str) -> bool:
    is_gift = card.type == VoucherType.GIFT_VOUCHER
    project = card.project
    limit = (
        project.gift_adjustment_limit if is_gift else project.points_adjustment_limit
    )
    return limit is not None and abs(amount) > limit


def _card(project: Project, pk: str) -> Voucher | None:
    rows = project.vouchers.alive().filter(pk=pk).select_related("campaign")
    found = rows.first()
    if found is not None:
        found.project = project
    return found


CHANGE_BALANCE = Action(
    "vouchers.modify",
    "Change the balance of {name}",
    _move,
    _card,
    describe=f"{_WORDS}.balance_of_card_in_words",
    adds=True,
    too_much=_needs_second,
    reasons=f"{_WORDS}.adjustment_in_words",
)
