"""Orders as they are kept, read back."""

from collections.abc import Iterable
from typing import Any

from promo.clock import isoformat
from redemptions.engine.facts import OrderFacts
from redemptions.engine.order import OrderState, opening_state
from redemptions.engine.order_rendering import order_as_json
from redemptions.models import Order, Redemption
from redemptions.services.order_facts import order_facts
from redemptions.services.order_lines import KnownItems, build_lines
from redemptions.wire.redemption import order_redemptions


def kept_facts(order: Order) -> OrderFacts:
    """Return a stored order as facts; its lines hold all that was known then."""
    return order_facts({}, order, build_lines(order.items, KnownItems()))


def kept_order_as_json(
    order: Order, redemptions: Iterable[Redemption], state: OrderState | None = None
) -> dict[str, Any]:
    """Return a stored order; ``redemptions`` are all rows about it, oldest first."""
    shown = order_as_json(state or opening_state(kept_facts(order)))
    if order.updated_at is not None:
        shown["updated_at"] = isoformat(order.updated_at)
    linked = order_redemptions(redemptions)
    if linked:
        shown["redemptions"] = linked
    return shown
