"""What happens at the checkout and to balances, as listeners hear it."""

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
    rollback's; ``shown`` is the redemption as the API answers it, or the rollback:
    ``more`` then has the redemption that it undoes.
    """
    parts = [name for name in _PARTS if shown.get(name)]
    thing = "redemption_rollback" if "rollback" in what else "redemption"
    payload = {
        thing: dict(shown),
        **{name: value for name, value in more.items() if value},
        LIFTED: {thing: parts},
    }
    customer_id = shown.get("customer_id") or ""
    facts = {"entity_id": shown["id"], "campaign_id": campaign_id or ""}
    dated = {} if "rollback" in what else {"created_at": shown["date"]}
    events = [Event(type=what, payload=payload | dated, **facts)]
    if customer_id:
        told = Event(
            type=f"customer.{what}", customer_id=customer_id, payload=payload, **facts
        )
        events.append(told)
    return events


def about_reward(state: str, customer: Shown, **about: Shown | None) -> Event:
    """Return the event of a reward that points bought, for the customer.

    ``state`` is ``created``, ``completed`` or ``rolledback``; ``about`` is what is
    told, as shown.
    """
    campaign, handed_out = about["campaign"], about["reward_redemption"] or {}
    return Event(
        type=f"customer.reward_redemptions.{state}",
        category="EFFECT",
        entity_id=handed_out["id"],
        customer_id=customer["id"],
        campaign_id=campaign["id"] if campaign else "",
        payload={"customer": dict(customer), **about},
    )


def about_ledger_entry(
    entry: Shown,
    *,
    voucher: Shown,
    campaign: Shown | None,
    holder: Shown | None,
    manual: bool,
) -> Sequence[Event]:
    """Return what a movement of a card's balance is told as.

    Every movement is a transaction created; one made by hand is also a balance
    added, whatever its sign, to the project and to the holder.
    """
    card, added = "gift", "balance_added"
    if voucher["type"] == "LOYALTY_CARD":
        card, added = "loyalty_card", "points_added"
    shared = {
        "transaction": dict(entry),
        "voucher": dict(voucher),
        "campaign": campaign and dict(campaign),
        "balance": entry["details"]["balance"],
    }
    moved_by = {
        name: entry["details"].get(name)
        for name in ("order", "redemption", "rollback", "reward")
    }
    facts = {
        "entity_id": voucher["id"],
        "campaign_id": voucher["campaign_id"] or "",
        "category": "EFFECT",
    }
    created = Event(
        type=f"voucher.{card}.transaction.created",
        payload={**shared, **moved_by, "holder": holder and dict(holder)},
        **facts,
    )
    if not manual:
        return (created,)
    name, whose = f"voucher.{card}.{added}", {"customer": holder and dict(holder)}
    acted = facts | {"category": "ACTION"}
    by_hand = Event(type=name, payload={**shared, **whose}, **acted)
    if holder is None:
        return (by_hand, created)
    to_holder = Event(
        type=f"customer.{name}",
        customer_id=holder["id"],
        payload={**shared, **whose},
        **facts,
    )
    return (by_hand, to_holder, created)


def about_order(
    what: str, shown: Shown, customer: Shown, **about: Shown | None
) -> Event:
    """Return the event of an order, for the customer whose it is.

    ``about`` is the referrer, and the redemption that the order came with or was
    cancelled for, as shown; None where there is none.

    Source: data specification, "Status and side effects".
    """
    return Event(
        type=f"customer.order.{what}",
        entity_id=shown["id"],
        customer_id=customer["id"],
        payload={"customer": dict(customer), **about, "order": dict(shown)},
    )


def customer_referred(customer: Shown, **about: Shown | None) -> Event:
    """Return the event of a conversion, for the referee.

    ``about`` is the referrer, campaign, voucher and redemption, as shown.
    """
    campaign = about["campaign"]
    return Event(
        type="customer.referred",
        category="EFFECT",
        entity_id=customer["id"],
        customer_id=customer["id"],
        campaign_id=campaign["id"] if campaign else "",
        payload={"customer": dict(customer), **about, "custom_event": None},
    )


def budget_reached(campaign: Shown, budget: Shown) -> Event:
    """Return the event of a budget of which a part is used that somebody waits for."""
    return Event(
        type="campaign.budget.reached",
        category="EFFECT",
        entity_id=campaign["id"],
        campaign_id=campaign["id"],
        payload={"campaign": dict(campaign), "budget": dict(budget)},
    )


def about_return(returned: Shown, *, order: Shown) -> Sequence[Event]:
    """Return the events of units returned: the project's, and the customer's."""
    customer_id = order.get("customer_id") or ""
    facts = {
        "entity_id": order["id"],
        "payload": {"order_return": dict(returned), "order": dict(order)},
    }
    told = Event(type="order.returned", **facts)
    if not customer_id:
        return (told,)
    return (
        told,
        Event(type="customer.order.returned", customer_id=customer_id, **facts),
    )
