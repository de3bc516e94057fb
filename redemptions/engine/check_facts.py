"""What a check that refused had looked at, for whoever asks why."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from campaigns.engine.validity import State, Validity, state_at
from promo.calendar_windows import weekday
from redemptions.engine.facts import Facts, GiftCard, LoyaltyCard, Redeemable

Json = dict[str, Any]


def facts_behind(check: str, redeemable: Redeemable, facts: Facts) -> Json:
    """Return what the trace tells of a check that refused; often nothing."""
    look = _LOOKS.get(check)
    return {} if look is None else look(redeemable, facts)


def _activity(redeemable: Redeemable, _: Facts) -> Json:
    campaign = redeemable.campaign
    if redeemable.active and campaign is not None:
        return {"campaign": campaign.name}
    return {}


def _validity(redeemable: Redeemable, facts: Facts) -> Json:
    """Tell the moment that matters, on the project's clock, or the recurring limits."""
    validity = redeemable.validity or Validity()
    shown = {"now": _moment(facts.now, facts)}
    state = state_at(validity, facts.now, facts.time_zone)
    if state is State.NOT_STARTED:
        return {**shown, "from": _moment(validity.start, facts)}
    if state is State.EXPIRED:
        return {**shown, "until": _moment(validity.expiration, facts)}
    return {
        **shown,
        "weekday": weekday(facts.now.astimezone(facts.time_zone).date()),
        "days_of_week": list(validity.days),
        "hours": [dict(each) for each in validity.hours],
        "timeframe": dict(validity.timeframe or {}),
    }


def _moment(moment: datetime | None, facts: Facts) -> str | None:
    zone = facts.time_zone
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else None


def _quantity(redeemable: Redeemable, _: Facts) -> Json:
    held = redeemable.held_quantity
    used = {"used": redeemable.redeemed_quantity, "limit": redeemable.quantity}
    return {**used, "held": held} if held else used


def _balance(redeemable: Redeemable, _: Facts) -> Json:
    gift = redeemable.gift or GiftCard(0)
    wanted = gift.wanted if isinstance(gift.wanted, int) else None
    return {"available": gift.available, "wanted": wanted, **_held(gift.locked)}


def _points(redeemable: Redeemable, _: Facts) -> Json:
    card = redeemable.loyalty or LoyaltyCard(0)
    wanted = card.wanted if isinstance(card.wanted, int) else None
    if card.reward is not None and card.reward.coin is None:
        wanted = card.reward.points
    return {"available": card.available, "wanted": wanted, **_held(card.locked)}


def _held(locked: int) -> Json:
    return {"held": locked} if locked else {}


_LOOKS: Mapping[str, Callable[[Redeemable, Facts], Json]] = {
    "active": _activity,
    "validity": _validity,
    "quantity": _quantity,
    "balance": _balance,
    "reward": _points,
}
