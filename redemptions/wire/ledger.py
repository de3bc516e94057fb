"""Movements of balances as the API and events show them.

Source: campaigns specification, "Balance and ledger".
"""

from typing import Any

from promo.clock import isoformat
from redemptions.models import LedgerEntry

Json = dict[str, Any]


def entry_as_json(entry: LedgerEntry) -> Json:
    """Return one entry of the ledger; entries of points say ``points``."""
    name = "points" if entry.is_of_points else "amount"
    return {
        "id": entry.pk,
        "source_id": entry.source_id,
        "voucher_id": entry.voucher_id,
        "campaign_id": entry.campaign_id,
        "source": entry.source or None,
        "reason": entry.reason,
        "type": entry.type,
        "details": {"balance": _balance(entry, name), **entry.details},
        "related_transaction_id": None,
        "created_at": isoformat(entry.created_at),
    }


def balance_as_json(entry: LedgerEntry) -> Json:
    """Return what a change of a balance answers, credits and points alike."""
    return _balance(entry, "amount")


def _balance(entry: LedgerEntry, name: str) -> Json:
    return {
        "type": "loyalty_card" if entry.is_of_points else "gift_voucher",
        "total": entry.total,
        "object": "balance",
        name: entry.amount,
        "balance": entry.balance,
        "operation_type": "MANUAL" if entry.is_manual else "AUTOMATIC",
        "related_object": {"id": entry.voucher_id, "type": "voucher"},
    }
