"""Changing the balance of a card by hand.

Source: campaigns specification, "Balance and ledger".
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from campaigns.engine.numbers import LARGEST
from campaigns.models import Voucher, VoucherType
from campaigns.services.voucher import lock_voucher
from campaigns.services.worth import invalid_voucher
from customers.services.rendering import simple_customer
from promo.errors import BadRequest, Duplicate
from promo.outbox.events import emit
from redemptions.models import LedgerEntry
from redemptions.models.ledger import EntryType
from redemptions.services.ledger import entry_events

BY_API = "API"
BY_DASHBOARD = "dashboard"

_TYPES = {
    (VoucherType.GIFT_VOUCHER, True): EntryType.CREDITS_ADDITION,
    (VoucherType.GIFT_VOUCHER, False): EntryType.CREDITS_REMOVAL,
    (VoucherType.LOYALTY_CARD, True): EntryType.POINTS_ADDITION,
    (VoucherType.LOYALTY_CARD, False): EntryType.POINTS_REMOVAL,
}


@transaction.atomic
def change_balance(
    voucher: Voucher,
    *,
    amount: int,
    now: datetime,
    source_id: str | None = None,
    reason: str | None = None,
    source: str = BY_API,
) -> LedgerEntry:
    """Add ``amount`` to a card, or take it off where it is negative.

    Credits are minor units. The balance and the entry that explains it change
    together; the voucher is held meanwhile.

    Raises:
        BadRequest: ``invalid_add_balance_params`` for 0, too much or a loyalty card
            that nobody holds; ``invalid_amount`` where the balance would fall below
            0; ``invalid_voucher`` for a discount.
        Duplicate: the card had an entry with this ``source_id`` already.
        ResourceNotFound: the voucher is deleted meanwhile.
    """
    held = lock_voucher(voucher)
    _check(held, amount)
    side = "credited_amount" if amount > 0 else "subtracted_amount"
    rows = Voucher.objects.filter(pk=held.pk, balance__gte=-amount)
    if not rows.update(**{side: F(side) + abs(amount), "updated_at": now}):
        raise BadRequest(
            "invalid_amount",
            "Invalid amount",
            f"The balance of {held.code} is {held.balance}",
        )
    held.refresh_from_db(fields=[side, "balance", "updated_at"])
    entry = LedgerEntry(
        project=held.project,
        voucher=held,
        campaign=held.campaign,
        type=_TYPES[VoucherType(held.type), amount > 0],
        amount=amount,
        balance=held.balance,
        total=held.credited_amount - held.subtracted_amount,
        source_id=source_id,
        source=source,
        reason=reason,
        created_at=now,
    )
    _store(entry)
    holder = simple_customer(held.holder) if held.holder else None
    emit(held.project, entry_events(entry, holder), now=now)
    return entry


def _check(voucher: Voucher, amount: int) -> None:
    if voucher.type == VoucherType.DISCOUNT_VOUCHER:
        raise invalid_voucher(f"Voucher {voucher.code} has no balance")
    if not amount:
        raise _invalid("Property .amount must not be 0")
    if voucher.credited_amount + amount > LARGEST:
        raise _invalid(f"A card can get at most {LARGEST}")
    if voucher.type == VoucherType.LOYALTY_CARD and voucher.holder_id is None:
        raise _invalid(f"Nobody holds the loyalty card {voucher.code}")


def _invalid(details: str) -> BadRequest:
    message = "Invalid add balance params"
    return BadRequest("invalid_add_balance_params", message, details)


def _store(entry: LedgerEntry) -> None:
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError as taken:
        if "ledger_source_id" not in str(taken):
            raise
        raise Duplicate("transaction", str(entry.source_id), by="source_id") from taken
