"""Entries of the ledger: made of redemptions and rollbacks, and told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from campaigns.models import Voucher, VoucherType
from campaigns.wire import simple_campaign, simple_voucher
from promo.outbox.events import Event
from promo.row_writer import RowWriter
from redemptions import events
from redemptions.models import LedgerEntry, Redemption
from redemptions.models.ledger import EntryType
from redemptions.models.redemption import Kind
from redemptions.services.telling import holder_of
from redemptions.wire.ledger import entry_as_json

_TYPES = {
    (VoucherType.GIFT_VOUCHER, False): EntryType.CREDITS_REDEMPTION,
    (VoucherType.GIFT_VOUCHER, True): EntryType.CREDITS_REFUND,
    (VoucherType.LOYALTY_CARD, False): EntryType.POINTS_REDEMPTION,
    (VoucherType.LOYALTY_CARD, True): EntryType.POINTS_REFUND,
}
_ACCRUALS = {
    VoucherType.GIFT_VOUCHER: EntryType.CREDITS_ADDITION,
    VoucherType.LOYALTY_CARD: EntryType.POINTS_ACCRUAL,
}
LEDGER_WRITER = RowWriter(LedgerEntry)


def entry_of(row: Redemption) -> LedgerEntry | None:
    """Return the unstored entry that explains what ``row`` moved on its card.

    The voucher of ``row`` shows its state after the movement, and one card moves once
    in a request. None where nothing moved.
    """
    voucher = row.voucher
    if voucher is None or not row.card_amount:
        return None
    is_refund = row.object == Kind.ROLLBACK
    kind = _TYPES[VoucherType(voucher.type), is_refund]
    return _entry(row, voucher, kind, -row.card_amount)


def _entry(row: Redemption, card: Voucher, kind: str, amount: int) -> LedgerEntry:
    """Return the unstored entry of ``amount`` that ``row`` moved on a card."""
    return LedgerEntry(
        project=row.project,
        voucher=card,
        campaign=card.campaign,
        type=kind,
        amount=amount,
        balance=card.balance,
        total=card.credited_amount - card.subtracted_amount,
        details=_moved_by(row),
        created_at=row.created_at,
    )


def _moved_by(row: Redemption) -> dict[str, dict[str, str | None]]:
    order, original = row.order, row.original
    details: dict[str, dict[str, str | None]] = {}
    if order is not None:
        details["order"] = {"id": order.pk, "source_id": order.source_id}
    if row.reward is not None:
        details["reward"] = {"id": row.reward["id"], "name": row.reward["name"]}
    if original is not None:
        details["redemption"] = {"id": original.shown_id}
        return details | {"rollback": {"id": row.shown_id}}
    return details | {"redemption": {"id": row.shown_id}}


def refund_of(
    row: Redemption, amount: int, return_id: str, now: datetime
) -> LedgerEntry:
    """Return the unstored entry of what a return gave back of a redemption's card.

    The voucher of ``row`` shows its state after the movement.
    """
    voucher = row.voucher
    if voucher is None:
        msg = "only a card gets something back"
        raise AssertionError(msg)
    entry = _entry(row, voucher, _TYPES[VoucherType(voucher.type), True], amount)
    entry.details |= {"order_return": {"id": return_id}}
    entry.created_at = now
    return entry


def accrual_of(row: Redemption, card: Voucher, amount: int) -> LedgerEntry:
    """Return the unstored entry of what the reward of ``row`` put on a card.

    The card shows its state after the movement; ``amount`` is credit in minor units,
    or points.
    """
    return _entry(row, card, _ACCRUALS[VoucherType(card.type)], amount)


def made_by(rows: Sequence[Redemption]) -> tuple[list[LedgerEntry], list[Event]]:
    """Return the unstored entries of redemptions or rollbacks, and their events."""
    moved = [(row, entry) for row in rows if (entry := entry_of(row)) is not None]
    return [entry for _, entry in moved], told_of(moved)


def one_after_another(entries: Sequence[LedgerEntry]) -> None:
    """Let each entry show its card after it, where a request moved a card twice.

    The entries show the cards after all of them.
    """
    later: dict[str, int] = {}
    for entry in reversed(entries):
        moved = later.get(entry.voucher_id, 0)
        entry.balance -= moved
        later[entry.voucher_id] = moved + entry.amount


def told_of(moved: Sequence[tuple[Redemption, LedgerEntry]]) -> list[Event]:
    """Return the events of entries, each with the redemption or rollback behind it."""
    return [
        event
        for row, entry in moved
        for event in entry_events(entry, holder_of(row, entry.voucher))
    ]


def entry_events(entry: LedgerEntry, holder: dict[str, Any] | None) -> Sequence[Event]:
    """Return the events of ``entry``; ``holder`` is the card's, as told."""
    voucher = entry.voucher
    campaign = voucher.campaign
    return events.about_ledger_entry(
        entry_as_json(entry),
        voucher=simple_voucher(voucher),
        campaign=simple_campaign(campaign) if campaign else None,
        holder=holder,
        manual=entry.is_manual,
    )
