"""What happened: orders, redemptions and the counters behind limits."""

from redemptions.models.counter import Counter
from redemptions.models.order import Order
from redemptions.models.redemption import Redemption

__all__ = ["Counter", "Order", "Redemption"]
