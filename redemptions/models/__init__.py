"""What happened: orders, redemptions, returns, the ledger, the counters of limits."""

from redemptions.models.counter import Counter
from redemptions.models.ledger import LedgerEntry
from redemptions.models.order import Order
from redemptions.models.order_return import (
    OrderReturn,
    ReturnedLine,
    ReturnedShare,
    SoldLine,
)
from redemptions.models.redemption import Redemption
from redemptions.models.session_lock import SessionLock

__all__ = [
    "Counter",
    "LedgerEntry",
    "Order",
    "OrderReturn",
    "Redemption",
    "ReturnedLine",
    "ReturnedShare",
    "SessionLock",
    "SoldLine",
]
