"""What is paid with the credits of a gift card.

Source: engine specification, "Gift credits and loyalty points".
"""

from decimal import Decimal

from campaigns.engine.discounts import Discount, DiscountType, Effect
from redemptions.engine.applicability import Lists
from redemptions.engine.decision import Spent
from redemptions.engine.facts import Facts, GiftCard, OrderFacts, Redeemable
from redemptions.engine.order import OrderState, Taken
from redemptions.engine.refusals import Refusal, refused


def gift_refusal(redeemable: Redeemable, facts: Facts) -> Refusal | None:
    """Return why the credits asked for cannot be had, None when they can."""
    gift = redeemable.gift
    if gift is None:
        return None
    wanted = gift.wanted
    if wanted is not None and not _is_whole(wanted):
        details = "Credits must be a whole number of minor units"
        return Refusal("invalid_gift", "Invalid gift", details)
    if wanted is None and not _names_amount(facts.order):
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


def as_discount(gift: GiftCard) -> Discount:
    """Return what the credits take off: an amount, or whole lines up to one."""
    most = gift.available if gift.wanted is None else gift.wanted
    if gift.effect is Effect.APPLY_TO_ORDER:
        return Discount(DiscountType.AMOUNT, gift.effect, amount_off=most)
    return Discount(
        DiscountType.PERCENT,
        gift.effect,
        percent_off=Decimal(100),
        aggregated_amount_limit=most,
    )


def spent_on(gift: GiftCard, taken: Taken, state: OrderState) -> Spent:
    """Return the credits used up: what they paid, or all of them without an order.

    ``state`` is the order before them.
    """
    if state.amount is None and gift.effect is Effect.APPLY_TO_ORDER:
        return Spent(gift.wanted or 0, gift.available, gift.locked)
    return Spent(taken.amount, gift.available, gift.locked)


def _is_whole(wanted: object) -> bool:
    return isinstance(wanted, int) and not isinstance(wanted, bool) and wanted >= 0


def _names_amount(order: OrderFacts | None) -> bool:
    """Say whether the order has a value, its own or that of its lines."""
    if order is None:
        return False
    return order.amount is not None or any(
        line.amount is not None or line.price is not None for line in order.lines
    )
