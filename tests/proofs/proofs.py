"""What must never be exceeded, and must be used up when enough people want it.

To add a proof, add a line to ``PROOFS``: how to set the scene, what a client redeems,
and what the limited thing has come to. What sessions may hold goes to ``HOLDS`` too.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.proofs.scenes import AMOUNT, CODES, DISCOUNT, PLENTY, POINTS, Scene
from tests.proofs.steps import (
    Step,
    Wish,
    for_one_card,
    for_one_code,
    for_one_coin,
    for_one_mug,
    for_three_teas,
    for_three_teas_on_offer,
    just,
    or_none,
    two_codes,
)

Reached = Callable[[Scene], int]


@dataclass(frozen=True)
class Proof:
    """One limit: the scene for so many uses, who wants them, what they come to.

    ``worth`` is what one use comes to.
    """

    name: str
    scene: Callable[[int], Scene]
    step: Step
    reached: Reached
    worth: int = 1


@dataclass(frozen=True)
class Hold:
    """What sessions hold, ``held`` of a voucher's quantity or amount."""

    name: str
    scene: Callable[[int], Scene]
    wish: Wish
    reached: Reached
    held: str
    worth: int = 1


def _each(uses: int) -> int:
    return uses // len(CODES)


def _codes(rule: str, worth: int = 1) -> Callable[[int], Scene]:
    return lambda uses: Scene.of_codes(rule, uses * worth)


PROOFS = (
    Proof(
        "redemptions of a campaign",
        _codes("campaign.redemptions.count"),
        just(for_one_code),
        Scene.standing,
    ),
    Proof(
        "redemptions of a campaign, two codes a cart",
        _codes("campaign.redemptions.count"),
        two_codes,
        Scene.standing,
    ),
    Proof(
        "redemptions of a campaign, with rollbacks",
        _codes("campaign.redemptions.count"),
        or_none(for_one_code),
        Scene.standing,
    ),
    Proof(
        "redemptions of a campaign today",
        _codes("campaign.redemptions.count.daily"),
        just(for_one_code),
        Scene.standing,
    ),
    Proof(
        "redemptions of a customer",
        lambda uses: Scene.of_codes("campaign.redemptions.customers_count", uses // 4),
        just(for_one_code),
        Scene.standing,
    ),
    Proof(
        "redemptions of a code today",
        lambda uses: Scene.of_codes("redemption.count.daily", _each(uses)),
        two_codes,
        Scene.standing,
    ),
    Proof(
        "discounts of a campaign",
        _codes("campaign.orders.amount_discounted", DISCOUNT),
        just(for_one_code),
        Scene.discounted,
        worth=DISCOUNT,
    ),
    Proof(
        "orders of a campaign",
        _codes("campaign.orders.amount", AMOUNT),
        just(for_one_code),
        lambda scene: scene.standing() * AMOUNT,
        worth=AMOUNT,
    ),
    Proof(
        "uses of codes",
        lambda uses: Scene.of_codes(redemption_quantity=_each(uses)),
        two_codes,
        Scene.standing,
    ),
    Proof(
        "discounted units of a campaign",
        lambda uses: Scene.of_units(product_campaign_quantity_limit=uses),
        just(for_three_teas),
        Scene.discounted,
        worth=DISCOUNT,
    ),
    Proof(
        "discounted units of a customer",
        lambda uses: Scene.of_units(product_customer_campaign_quantity_limit=uses // 4),
        or_none(for_three_teas),
        Scene.discounted,
        worth=DISCOUNT,
    ),
    Proof(
        "discounted units of a promotion tier",
        lambda uses: Scene.of_tiers(product_promotion_tier_quantity_limit=uses),
        or_none(for_three_teas_on_offer),
        Scene.discounted,
        worth=DISCOUNT,
    ),
    Proof(
        "credits of gift cards",
        lambda uses: Scene.of_cards(_each(uses) * DISCOUNT),
        just(for_one_card),
        Scene.spent,
        worth=DISCOUNT,
    ),
    Proof(
        "gift credits of a campaign",
        lambda uses: Scene.of_cards(PLENTY, "redemption.gift.amount", uses * DISCOUNT),
        just(for_one_card),
        Scene.spent,
        worth=DISCOUNT,
    ),
    Proof(
        "points of loyalty cards",
        lambda uses: Scene.of_coins(_each(uses) * POINTS),
        just(for_one_coin),
        Scene.spent,
        worth=POINTS,
    ),
    Proof(
        "points of loyalty cards, with rollbacks",
        lambda uses: Scene.of_coins(_each(uses) * POINTS),
        or_none(for_one_coin),
        Scene.spent,
        worth=POINTS,
    ),
    Proof(
        "stock of a coin",
        lambda uses: Scene.of_coins(PLENTY, stock=uses),
        just(for_one_coin),
        Scene.standing,
    ),
    Proof(
        "stock of a thing, with rollbacks",
        Scene.of_mugs,
        or_none(for_one_mug),
        Scene.standing,
    ),
)

HOLDS = (
    Hold(
        "uses of codes",
        lambda uses: Scene.of_codes(redemption_quantity=_each(uses)),
        for_one_code,
        Scene.standing,
        held="quantity",
    ),
    Hold(
        "credits of gift cards",
        lambda uses: Scene.of_cards(_each(uses) * DISCOUNT),
        for_one_card,
        Scene.spent,
        held="amount",
        worth=DISCOUNT,
    ),
    Hold(
        "points of loyalty cards",
        lambda uses: Scene.of_coins(_each(uses) * POINTS),
        for_one_coin,
        Scene.spent,
        held="amount",
        worth=POINTS,
    ),
)
