"""The shops in which proofs happen: one campaign each, limited in one way."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import Sum

from campaigns.models import Campaign
from promo.tenancy.models import Project
from tests.factories.campaigns import (
    CampaignFactory,
    GiftCampaignFactory,
    GiftCardFactory,
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
    PromotionFactory,
    VoucherFactory,
)
from tests.factories.catalogue import ProductFactory
from tests.factories.customers import CustomerFactory
from tests.factories.promotions import TierFactory
from tests.factories.rewards import (
    CoinFactory,
    MaterialFactory,
    RewardAssignmentFactory,
)
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import ProjectFactory

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
CODES = [f"CODE{number}" for number in range(6)]
HOLDERS = {code: f"holder of {code}" for code in CODES}
AMOUNT, DISCOUNT = 10_000, 500
#: What a coin asks for 5.00, and what anybody has who shall not run out of it.
POINTS, PLENTY = 50, 10**6
_EACH = {
    "type": "AMOUNT",
    "amount_off": DISCOUNT,
    "effect": "APPLY_TO_ITEMS_BY_QUANTITY",
}


@dataclass(frozen=True)
class Scene:
    """A campaign of several codes, each 5.00 off an order of 100.00.

    ``things`` are what clients redeem; a loyalty card needs the ``reward`` it buys.
    """

    project: Project
    things: tuple[str, ...] = tuple(CODES)
    reward: str | None = None
    now: datetime = NOW

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
    def of_coins(cls, points: int, **coin: int) -> "Scene":
        """Make loyalty cards with so many points, to pay with a coin."""
        return cls._of_points(CoinFactory, None, points, **coin)

    @classmethod
    def of_mugs(cls, stock: int) -> "Scene":
        """Make loyalty cards that can all afford more mugs than there are."""
        return cls._of_points(MaterialFactory, POINTS, PLENTY, stock=stock)

    @classmethod
    def of_units(cls, **cap: int) -> "Scene":
        """Make codes that take 5.00 off every tea, up to a cap on all teas."""
        scene = cls.of_codes(discount=_EACH)
        _cap_teas(scene.project, scene.project.campaigns.get().pk, "campaign", cap)
        return scene

    @classmethod
    def of_tiers(cls, **cap: int) -> "Scene":
        """Make a tier that takes 5.00 off every tea, up to a cap on all teas."""
        scene, campaign = cls._of(PromotionFactory, "", 0)
        tier = TierFactory.create(
            project=scene.project, campaign=campaign, action={"discount": _EACH}
        )
        _cap_teas(scene.project, tier.pk, "promotion_tier", cap)
        return replace(scene, things=(tier.pk,))

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

    @classmethod
    def _of_points(
        cls, kind: Any, price: int | None, points: int, **reward: int
    ) -> "Scene":
        scene, campaign = cls._of(LoyaltyProgramFactory, "", 0)
        for code, name in HOLDERS.items():
            LoyaltyCardFactory.create(
                campaign=campaign,
                code=code,
                credited_amount=points,
                holder=CustomerFactory.create(project=scene.project, source_id=name),
            )
        bought = kind.create(project=scene.project, **reward)
        RewardAssignmentFactory.create(reward=bought, campaign=campaign, points=price)
        return replace(scene, reward=bought.pk)

    def standing(self) -> int:
        """How many redemptions stand."""
        return self.project.redemptions.standing().count()

    def discounted(self) -> int:
        """What was taken off, minor units."""
        rows = self.project.redemptions.standing()
        return int(rows.aggregate(sum=Sum("applied_amount", default=0))["sum"])

    def spent(self) -> int:
        """What was paid with cards, minor units or points."""
        rows = self.project.redemptions.standing()
        return int(rows.aggregate(sum=Sum("card_amount", default=0))["sum"])

    def held(self, what: str) -> int:
        """What sessions hold of all vouchers: ``quantity`` or ``amount``."""
        held = Sum(f"held_{what}", default=0)
        return int(self.project.vouchers.aggregate(sum=held)["sum"])


def _cap_teas(project: Project, subject: str, kind: str, cap: dict[str, int]) -> None:
    tea = ProductFactory.create(project=project, source_id="tea", price=AMOUNT)
    AssignmentFactory.create(
        project=project,
        rule__applicable_to={"included": [{"object": "product", "id": tea.pk, **cap}]},
        related_object_id=subject,
        related_object_type=kind,
    )
