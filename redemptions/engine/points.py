"""What the points of a loyalty card buy: a part of the order, or a thing.

A coin is worth blocks: so many points for so many major units of money.

Source: engine specification, "Loyalty card", "Pay with points".
"""

from fractions import Fraction
from math import ceil, floor

from promo.money import is_whole
from redemptions.engine.decision import Spent
from redemptions.engine.facts import Coin, Facts, LoyaltyCard, Redeemable
from redemptions.engine.order import OrderState
from redemptions.engine.refusals import Refusal, missing, refused

_MINOR_UNITS = 100


def holder_refusal(redeemable: Redeemable, facts: Facts) -> Refusal | None:
    """Refuse a loyalty card in the hands of anybody but its holder."""
    customer, holder = facts.customer, redeemable.holder_id
    if redeemable.loyalty is None or (
        customer is not None and holder is not None and customer.id == holder
    ):
        return None
    message = "Customer must be a holder of a loyalty card."
    details = redeemable.code or redeemable.ref
    return Refusal("invalid_customer", message, details)


def points_refusal(redeemable: Redeemable, facts: Facts) -> Refusal | None:
    """Return why the reward asked for cannot be had, None when it can."""
    card = redeemable.loyalty
    if card is None:
        return None
    if card.reward_id is None:
        details = "A reward is required when redeeming a LOYALTY_CARD"
        return Refusal("missing_reward", "Missing reward", details)
    if card.reward is None:
        return missing("reward_assignment", card.reward_id)
    if card.reward.stock is not None and card.reward.stock < 1:
        return refused(redeemable, "quantity_exceeded")
    wanted = card.reward.points
    if card.reward.coin is not None:
        refusal = _coin_refusal(card, facts)
        if refusal is not None:
            return refusal
        wanted = card.wanted or 1
    enough = wanted <= card.available
    return None if enough else refused(redeemable, "loyalty_card_points_exceeded")


def _coin_refusal(card: LoyaltyCard, facts: Facts) -> Refusal | None:
    wanted = card.wanted
    if wanted is not None and not is_whole(wanted):
        details = "Points must be a whole number"
        return Refusal("invalid_reward", "Invalid reward", details)
    if wanted == 0:
        return None
    if facts.order is None:
        details = "Order is required when paying with points"
        return Refusal("missing_order", "Missing order", details)
    if not facts.order.names_amount:
        details = "Amount is required when redeeming a LOYALTY_CARD"
        return Refusal("missing_amount", "Missing amount", details)
    return None


def points_spent(card: LoyaltyCard, state: OrderState) -> Spent:
    """Return what the reward costs on the order before it."""
    points = card.reward.points if card.reward else 0
    if card.reward is not None and card.reward.coin is not None:
        points = _coins(card, card.reward.coin, state.payable_amount)
    return Spent(points, card.available, card.locked, of_points=True)


def amount_paid(card: LoyaltyCard, spent: Spent, state: OrderState) -> int:
    """Return what the points take off the order, minor units; things take nothing."""
    if card.reward is None or card.reward.coin is None:
        return 0
    return min(_worth(card.reward.coin, spent.amount), state.payable_amount)


def _coins(card: LoyaltyCard, coin: Coin, payable: int) -> int:
    """Return the points to spend: whole blocks, unless the caller names a number.

    A number worth more than there is to pay is cut to the blocks that suffice.
    """
    blocks = ceil(payable / _block(coin))
    enough = blocks * coin.points_ratio
    if card.wanted is None:
        affordable = card.available // coin.points_ratio
        return min(blocks, affordable) * coin.points_ratio
    wanted = int(card.wanted)
    return min(wanted, enough) if _worth(coin, wanted) > payable else wanted


def _worth(coin: Coin, points: int) -> int:
    return floor(_block(coin) * points / coin.points_ratio)


def _block(coin: Coin) -> Fraction:
    """Return what one block is worth in minor units."""
    return Fraction(coin.exchange_ratio) * _MINOR_UNITS
