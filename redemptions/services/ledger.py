"""Telling of ledger entries."""

from collections.abc import Sequence

from campaigns.models import Voucher
from campaigns.wire import simple_campaign, simple_voucher
from customers.services.rendering import simple_customer
from promo.outbox.events import Event
from redemptions import events
from redemptions.models import LedgerEntry
from redemptions.wire.ledger import entry_as_json


def entry_events(entry: LedgerEntry, voucher: Voucher) -> Sequence[Event]:
    """Return the events of ``entry``, which moved the balance of ``voucher``."""
    campaign, holder = voucher.campaign, voucher.holder
    return events.about_ledger_entry(
        entry_as_json(entry),
        voucher=simple_voucher(voucher),
        campaign=simple_campaign(campaign) if campaign else None,
        holder=simple_customer(holder) if holder else None,
        manual=entry.is_manual,
    )
