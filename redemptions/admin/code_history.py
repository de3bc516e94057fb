"""What redemptions and the ledger know of a code, for its page."""

from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse

from campaigns.admin.worth import amount_in_words
from campaigns.models import Voucher, VoucherType
from promo.admin.history import Happening
from promo.admin.presentation import money
from promo.admin.visit import visit
from redemptions.admin.ledger import NAMES
from redemptions.admin.reasons import reason_in_words
from redemptions.admin.redemption_filters import (
    FAILED_ROLLBACK,
    REFUSED,
    ROLLBACK,
    SUCCEEDED,
    UNDONE,
    outcome_of,
)
from redemptions.models import Redemption
from redemptions.models.ledger import EntryType
from redemptions.models.redemption import Result

_WORDS = {
    SUCCEEDED: ("Redeemed", "good"),
    UNDONE: ("Redeemed, rolled back since", "warn"),
    REFUSED: ("Refused", "bad"),
    ROLLBACK: ("Rolled back", "warn"),
    FAILED_ROLLBACK: ("Rollback refused", "bad"),
}
#: Movements that a redemption or a rollback tells already.
_TOLD = (
    EntryType.CREDITS_REDEMPTION,
    EntryType.CREDITS_REFUND,
    EntryType.POINTS_REDEMPTION,
    EntryType.POINTS_REFUND,
)


def redemptions_of(
    request: HttpRequest, voucher: Voucher, most: int
) -> list[Happening]:
    """Return the redemptions, refusals and rollbacks of a code."""
    if not visit(request).may("redemptions.read"):
        return []
    rows = voucher.redemptions.select_related("customer").order_by("-created_at")
    return [_happening(row, voucher) for row in rows[:most]]


def movements_of(request: HttpRequest, voucher: Voucher, most: int) -> list[Happening]:
    """Return what changed the balance of a card beside redemptions."""
    if voucher.type == VoucherType.DISCOUNT_VOUCHER:
        return []
    entries = voucher.ledger_entries.exclude(type__in=_TOLD).order_by("-id")
    return [
        Happening(
            one.created_at,
            f"{NAMES.get(one.type, one.type)}: {amount_in_words(voucher, one.amount)}",
            one.reason or "",
            reverse("admin:redemptions_ledgerentry_change", args=(quote(one.pk),)),
        )
        for one in entries[:most]
    ]


def _happening(row: Redemption, voucher: Voucher) -> Happening:
    what, tone = _WORDS[outcome_of(row)]
    parts = [f"by {row.customer}" if row.customer else ""]
    if row.result == Result.FAILURE:
        parts.append(reason_in_words(row.failure_code, row.failure_message))
    elif row.card_amount:
        parts.append(amount_in_words(voucher, row.card_amount))
    elif row.applied_amount:
        parts.append(money(row.applied_amount, voucher.project.currency))
    parts.append(row.reason)
    note = ", ".join(part for part in parts if part)
    page = reverse("admin:redemptions_redemption_change", args=(quote(row.pk),))
    return Happening(row.created_at, what, note[:1].upper() + note[1:], page, tone)
