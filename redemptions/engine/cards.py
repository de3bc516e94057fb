"""What is paid with a card: credits of a gift card, points of a loyalty card.

Source: engine specification, "Gift credits and loyalty points".
"""

from decimal import Decimal

from campaigns.engine.discounts import Discount, DiscountType, Effect
from promo.money import is_whole
from redemptions.engine.applicability import Lists
from redemptions.engine.decision import Spent
from redemptions.engine.facts import Facts, GiftCard, Redeemable
from redemptions.engine.order import OrderState, Taken
from redemptions.engine.points import amount_paid, points_spent
from redemptions.engine.refusals import Refusal, refused


def gift_refusal(redeemable: Redeemable, facts: Facts) -> Refusal | None:
    """Return why the credits asked for cannot be had, None when they can."""
    gift = redeemable.gift
    if gift is None:
        return None
    wanted = gift.wanted
    if wanted is not None and not is_whole(wanted):
        details = "Credits must be a whole number of minor units"
        return Refusal("invalid_gift", "Invalid gift", details)
    if wanted is None and not (facts.order and facts.order.names_amount):
        details = "Amount is required when redeeming a GIFT_VOUCHER"
        return Refusal("missing_amount", "Missing amount", details)
    if gift.available <= 0 or (wanted or 0) > gift.available:
        return refused(redeemable, "gift_amount_exceeded")
    return None


def lines_refusal(
    redeemable: Redeemable, state: OrderState, lists: Lists
) -> Refusal | None:
    """Return why no line can be paid with a gift for items, None when one can."""
    gift = redeemable.gift
    if gift is None or gift.effect is Effect.APPLY_TO_ORDER:
        return None
    if any(
        line.amount is not None and lists.entry_for(line.line) is not None
        for line in state.lines
    ):
        return None
    return Refusal(
        "missing_order_items_amount",
        "Missing applicable order items",
        "At least one applicable order item with amount is required to redeem this "
        "GIFT_VOUCHER",
    )


def as_discount(redeemable: Redeemable, state: OrderState) -> Discount:
    """Return what a card takes off: an amount, or whole lines up to one.

    Points are what they are worth.
    """
    if redeemable.loyalty is not None:
        spent = points_spent(redeemable.loyalty, state)
        paid = amount_paid(redeemable.loyalty, spent, state)
        return Discount(DiscountType.AMOUNT, Effect.APPLY_TO_ORDER, amount_off=paid)
    return _credits_as_discount(redeemable.gift or GiftCard(0))


def spent_by(redeemable: Redeemable, taken: Taken, state: OrderState) -> Spent | None:
    """Return what a card has used up; None for what is no card.

    Credits are what they paid, or all that was asked for where an order has no
    amount. ``state`` is the order before them.
    """
    gift = redeemable.gift
    if gift is not None:
        used = taken.amount
        if state.amount is None and gift.effect is Effect.APPLY_TO_ORDER:
            used = gift.wanted or 0
        return Spent(used, gift.available, gift.locked)
    if redeemable.loyalty is not None:
        return points_spent(redeemable.loyalty, state)
    return None


def _credits_as_discount(gift: GiftCard) -> Discount:
    most = gift.available if gift.wanted is None else gift.wanted
    if gift.effect is Effect.APPLY_TO_ORDER:
        return Discount(DiscountType.AMOUNT, gift.effect, amount_off=most)
    return Discount(
        DiscountType.PERCENT,
        gift.effect,
        percent_off=Decimal(100),
        aggregated_amount_limit=most,
    )
