"""Names of events as callers write them.

Generated clients know four misspelled names and check against them: both spellings are
taken, and what the caller wrote is answered.

Source: platform specification, "Project events".
"""

from collections.abc import Sequence

_MISSPELLED = {
    "campaign.vouchers.aded": "campaign.vouchers.added",
    "voucher.gift.balance_aded": "voucher.gift.balance_added",
    "voucher.loyalty_card.points_aded": "voucher.loyalty_card.points_added",
    "voucher.loyalty_card.pending_points.aded": (
        "voucher.loyalty_card.pending_points.added"
    ),
}


def known_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return ``names`` with the spellings that callers may use beside."""
    return (*names, *_MISSPELLED)


def event_of(written: str) -> str:
    """Return the name of the event that somebody wrote as ``written``."""
    return _MISSPELLED.get(written, written)
