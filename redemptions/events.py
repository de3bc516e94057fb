"""What happens at the checkout, as listeners hear it."""

from collections.abc import Mapping, Sequence
from typing import Any

from promo.outbox.events import Event
from promo.outbox.models import LIFTED

Shown = Mapping[str, Any]
_PARTS = ("customer", "order", "voucher", "promotion_tier")


def about_redemption(
    what: str, shown: Shown, *, campaign_id: str | None, **more: Any
) -> Sequence[Event]:
    """Return the project's event and, for a known customer, the customer's.

    ``what`` is ``redemption.succeeded``, ``redemption.failed`` or one of the
    rollback's; ``shown`` is the redemption as the API answers it.
    """
    parts = [name for name in _PARTS if shown.get(name)]
    payload = {
        "redemption": dict(shown),
        **{name: value for name, value in more.items() if value},
        LIFTED: {"redemption": parts},
    }
    customer_id = shown.get("customer_id") or ""
    facts = {
        "entity_id": shown["id"],
        "campaign_id": campaign_id or "",
        "payload": payload,
    }
    events = [Event(type=what, **facts)]
    if customer_id:
        events.append(Event(type=f"customer.{what}", customer_id=customer_id, **facts))
    return events


def about_order(what: str, shown: Shown) -> Sequence[Event]:
    """Return the event of an order; orders of nobody raise none."""
    customer_id = shown.get("customer_id")
    if not customer_id:
        return ()
    return (
        Event(
            type=f"customer.order.{what}",
            entity_id=shown["id"],
            customer_id=customer_id,
            payload={"order": dict(shown)},
        ),
    )
