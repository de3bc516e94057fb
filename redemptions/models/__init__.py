"""What happened: orders, redemptions, the ledger, the counters behind limits."""

from redemptions.models.counter import Counter
from redemptions.models.ledger import LedgerEntry
from redemptions.models.order import Order
from redemptions.models.redemption import Redemption
from redemptions.models.session_lock import SessionLock

__all__ = ["Counter", "LedgerEntry", "Order", "Redemption", "SessionLock"]
