"""What must never be exceeded, and must be used up when enough people want it.

To add a proof, add a line to ``PROOFS``: how to set the scene, what a client redeems,
and what the limited thing has come to.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Sum

from campaigns.models import Campaign
from promo.tenancy.models import Project
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from redemptions.services.roll_back import roll_back_redemption
from redemptions.services.rollback_checks import RollbackRequest
from tests.factories.campaigns import (
    CampaignFactory,
    GiftCampaignFactory,
    GiftCardFactory,
    VoucherFactory,
)
from tests.factories.catalogue import ProductFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import ProjectFactory

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
CODES = [f"CODE{number}" for number in range(6)]
AMOUNT, DISCOUNT = 10_000, 500


@dataclass(frozen=True)
class Scene:
    """A campaign of several codes, each 5.00 off an order of 100.00."""

    project: Project

    @classmethod
    def of_codes(cls, rule: str = "", number: int = 0, **voucher: Any) -> "Scene":
        """Make codes; ``rule`` lets its counter come to ``number`` at most."""
        scene, campaign = cls._of(CampaignFactory, rule, number)
        worth = {"discount": {"type": "AMOUNT", "amount_off": DISCOUNT}}
        for code in CODES:
            VoucherFactory.create(campaign=campaign, code=code, **(worth | voucher))
        return scene

    @classmethod
    def of_cards(cls, wanted: int, rule: str = "", number: int = 0) -> "Scene":
        """Make gift cards with ``wanted`` credits each."""
        scene, campaign = cls._of(GiftCampaignFactory, rule, number)
        for code in CODES:
            GiftCardFactory.create(campaign=campaign, code=code, credited_amount=wanted)
        return scene

    @classmethod
    def of_units(cls, **cap: int) -> "Scene":
        """Make codes that take 5.00 off every tea, up to a cap on all teas."""
        each = {"type": "AMOUNT", "amount_off": DISCOUNT}
        each["effect"] = "APPLY_TO_ITEMS_BY_QUANTITY"
        scene = cls.of_codes(discount=each)
        tea = ProductFactory.create(
            project=scene.project, source_id="tea", price=AMOUNT
        )
        AssignmentFactory.create(
            project=scene.project,
            rule__applicable_to={
                "included": [{"object": "product", "id": tea.pk, **cap}]
            },
            related_object_id=scene.project.campaigns.get().pk,
        )
        return scene

    @classmethod
    def _of(cls, kind: Any, rule: str, number: int) -> tuple["Scene", Campaign]:
        stacking = {
            "redeemables_application_mode": "PARTIAL",
            "redeemables_no_effect_rule": "SKIP",
        }
        project = ProjectFactory.create(stacking_rules=stacking)
        campaign = kind.create(project=project)
        if rule:
            condition = {"name": rule, "conditions": {"$less_than_or_equal": [number]}}
            made = ValidationRuleFactory.create(project=project, rules={"1": condition})
            AssignmentFactory.create(
                project=project, rule=made, related_object_id=campaign.pk
            )
        return cls(project), campaign

    def standing(self) -> int:
        """How many redemptions stand."""
        return self.project.redemptions.standing().count()

    def discounted(self) -> int:
        """What was taken off, minor units."""
        rows = self.project.redemptions.standing()
        return int(rows.aggregate(sum=Sum("applied_amount", default=0))["sum"])

    def spent(self) -> int:
        """What was paid with cards, minor units."""
        rows = self.project.redemptions.standing()
        return int(rows.aggregate(sum=Sum("card_amount", default=0))["sum"])


Step = Callable[[Scene, int, random.Random], None]


def one_code(scene: Scene, turn: int, _: random.Random) -> None:
    """Redeem the next code as the next customer."""
    _redeem(scene, [_code(turn)], turn)


def two_codes(scene: Scene, turn: int, chance: random.Random) -> None:
    """Redeem two codes, in any order."""
    codes = [_code(turn), _code(turn + 1)]
    chance.shuffle(codes)
    _redeem(scene, codes, turn)


def one_card(scene: Scene, turn: int, _: random.Random) -> None:
    """Pay with the next card."""
    _redeem(scene, [_code(turn)], turn, DISCOUNT)


def three_teas(scene: Scene, turn: int, _: random.Random) -> None:
    """Buy three teas with the next code."""
    teas = {"items": [{"source_id": "tea", "quantity": 3}]}
    _redeem(scene, [_code(turn)], turn, order=teas)


def one_code_or_none(scene: Scene, turn: int, chance: random.Random) -> None:
    """Redeem the next code, and sometimes think better of it."""
    row = _redeem(scene, [_code(turn)], turn)
    if chance.random() < 0.3:
        roll_back_redemption(
            project=scene.project,
            reference=row,
            request=RollbackRequest(),
            stacked=False,
            now=NOW,
        )


def _code(turn: int) -> str:
    return CODES[turn % len(CODES)]


def _redeem(
    scene: Scene,
    codes: list[str],
    turn: int,
    wanted: int | None = None,
    order: Mapping[str, Any] | None = None,
) -> str:
    request = CheckoutRequest(
        redeemables=tuple(RedeemableRef("voucher", code, wanted) for code in codes),
        customer={"source_id": f"customer-{turn % 4}"},
        order=order or {"amount": AMOUNT},
    )
    recorded = redeem(project=scene.project, request=request, now=NOW)
    return recorded.rows[0].shown_id


@dataclass(frozen=True)
class Proof:
    """One limit: the scene for so many uses, who wants them, what they come to.

    ``worth`` is what one use comes to.
    """

    name: str
    scene: Callable[[int], Scene]
    step: Step
    reached: Callable[[Scene], int]
    worth: int = 1


PROOFS = (
    Proof(
        "redemptions of a campaign",
        lambda uses: Scene.of_codes("campaign.redemptions.count", uses),
        one_code,
        Scene.standing,
    ),
    Proof(
        "redemptions of a campaign, two codes a cart",
        lambda uses: Scene.of_codes("campaign.redemptions.count", uses),
        two_codes,
        Scene.standing,
    ),
    Proof(
        "redemptions of a campaign, with rollbacks",
        lambda uses: Scene.of_codes("campaign.redemptions.count", uses),
        one_code_or_none,
        Scene.standing,
    ),
    Proof(
        "redemptions of a campaign today",
        lambda uses: Scene.of_codes("campaign.redemptions.count.daily", uses),
        one_code,
        Scene.standing,
    ),
    Proof(
        "redemptions of a customer",
        lambda uses: Scene.of_codes("campaign.redemptions.customers_count", uses // 4),
        one_code,
        Scene.standing,
    ),
    Proof(
        "redemptions of a code today",
        lambda uses: Scene.of_codes("redemption.count.daily", uses // 6),
        two_codes,
        Scene.standing,
    ),
    Proof(
        "discounts of a campaign",
        lambda uses: Scene.of_codes(
            "campaign.orders.amount_discounted", uses * DISCOUNT
        ),
        one_code,
        Scene.discounted,
        worth=DISCOUNT,
    ),
    Proof(
        "orders of a campaign",
        lambda uses: Scene.of_codes("campaign.orders.amount", uses * AMOUNT),
        one_code,
        lambda scene: scene.standing() * AMOUNT,
        worth=AMOUNT,
    ),
    Proof(
        "uses of codes",
        lambda uses: Scene.of_codes(redemption_quantity=uses // 6),
        two_codes,
        Scene.standing,
    ),
    Proof(
        "discounted units of a campaign",
        lambda uses: Scene.of_units(product_campaign_quantity_limit=uses),
        three_teas,
        Scene.discounted,
        worth=DISCOUNT,
    ),
    Proof(
        "discounted units of a customer",
        lambda uses: Scene.of_units(product_customer_campaign_quantity_limit=uses // 4),
        three_teas,
        Scene.discounted,
        worth=DISCOUNT,
    ),
    Proof(
        "credits of gift cards",
        lambda uses: Scene.of_cards(uses // 6 * DISCOUNT),
        one_card,
        Scene.spent,
        worth=DISCOUNT,
    ),
    Proof(
        "gift credits of a campaign",
        lambda uses: Scene.of_cards(10**6, "redemption.gift.amount", uses * DISCOUNT),
        one_card,
        Scene.spent,
        worth=DISCOUNT,
    ),
)
