"""A shop where one order was bought with everything there is, for tests of returns."""

from campaigns.models import PromotionTier, Reward, Voucher
from redemptions.models import Counter, LedgerEntry, Redemption
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from redemptions.services.returns import return_items
from redemptions.services.roll_back import roll_back_redemption
from redemptions.services.rollback_checks import RollbackRequest
from redemptions.services.sold_lines import AskedLine
from redemptions.services.verification import CHECKS
from tests.factories.campaigns import (
    CampaignFactory,
    GiftCardFactory,
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
    VoucherFactory,
)
from tests.factories.customers import CustomerFactory
from tests.factories.promotions import TierFactory
from tests.factories.rewards import (
    CoinFactory,
    MaterialFactory,
    RewardAssignmentFactory,
)
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import NOW, ProjectFactory

TEN = {"type": "PERCENT", "percent_off": 10, "effect": "APPLY_TO_ORDER"}
OFF_TEA = {"type": "AMOUNT", "amount_off": 500, "effect": "APPLY_TO_ITEMS"}
CART = [
    {"source_id": "tea", "quantity": 3, "price": 1200},
    {"source_id": "cup", "quantity": 2, "price": 1850},
    {"source_id": "pot", "quantity": 1, "price": 4999},
]
#: Its units, by the position of their line.
BOUGHT = {0: 3, 1: 2, 2: 1}


class Shop:
    """A project where one order was bought with everything there is."""

    def __init__(self, **settings):
        self.project = ProjectFactory(**settings)
        self.campaign = CampaignFactory(project=self.project)
        self.guard()
        for code, discount in (("TEN", TEN), ("ALSO", TEN)):
            VoucherFactory(campaign=self.campaign, code=code, discount=discount)
        self.tier = TierFactory(project=self.project, action={"discount": OFF_TEA})
        self.only_tea = ValidationRuleFactory(
            project=self.project,
            applicable_to={
                "included": [{"object": "product", "source_id": "tea"}],
                "included_all": False,
            },
        )
        AssignmentFactory(
            project=self.project,
            rule=self.only_tea,
            related_object_id=self.tier.pk,
            related_object_type="promotion_tier",
        )
        self.ada = CustomerFactory(project=self.project, source_id="ada")
        GiftCardFactory(project=self.project, code="GIFT")
        self.points = LoyaltyProgramFactory(project=self.project)
        LoyaltyCardFactory(campaign=self.points, code="CARD", holder=self.ada)
        self.coin = self.reward(CoinFactory)
        self.mug = self.reward(MaterialFactory, stock=4, points=30)

    def guard(self):
        """Limit the campaign by everything that it counts."""
        names = (
            *("orders.amount", "orders.amount_discounted", "redemptions.count"),
            "redemptions.customers_count",
        )
        rules = {
            str(number): {
                "name": f"campaign.{name}",
                "conditions": {"$less_than_or_equal": [1_000_000]},
            }
            for number, name in enumerate(names, 1)
        }
        AssignmentFactory(
            project=self.project,
            rule=ValidationRuleFactory(project=self.project, rules=rules),
            related_object_id=self.campaign.pk,
        )

    def reward(self, factory, points=None, **values):
        made = factory(project=self.project, **values)
        RewardAssignmentFactory(reward=made, campaign=self.points, points=points)
        return made

    def redeem(self, *refs, items=CART):
        stored = self.project.orders.filter(source_id="o-1").first()
        order = {"id": stored.pk} if stored else {"source_id": "o-1", "items": items}
        request = CheckoutRequest(
            redeemables=refs, customer={"source_id": "ada"}, order=order
        )
        done = redeem(project=self.project, request=request, now=NOW)
        return done.parent or done.rows[0]

    def buy(self):
        """A stack, then a card twice and another code: four families, one order."""
        gift = RedeemableRef("voucher", "GIFT", credits=1001)
        coin = RedeemableRef("voucher", "CARD", reward=self.coin.pk, points=77)
        return [
            self.redeem(
                RedeemableRef("promotion_tier", self.tier.pk),
                RedeemableRef("voucher", "TEN"),
                gift,
                coin,
            ),
            self.redeem(RedeemableRef("voucher", "GIFT", credits=333)),
            self.redeem(RedeemableRef("voucher", "ALSO")),
            self.redeem(RedeemableRef("voucher", "CARD", reward=self.mug.pk)),
        ]

    @property
    def order(self):
        return self.project.orders.get(source_id="o-1")

    def take(self, units, **rest):
        lines = [AskedLine(index=at, quantity=n) for at, n in units.items()]
        return return_items(
            project=self.project,
            order=self.order.pk,
            lines=lines,
            **{"now": NOW, **rest},
        )

    def roll_back(self, row):
        return roll_back_redemption(
            project=self.project,
            reference=row.shown_id,
            request=RollbackRequest(),
            stacked=True,
            now=NOW,
        )

    def stands(self):
        """Everything kept about the project that a rollback moves, by its own names."""
        vouchers = Voucher.objects.filter(project=self.project).order_by("code")
        names = {self.campaign.pk: "campaign", self.tier.pk: "tier"}
        names |= {one.pk: one.code for one in vouchers}
        names = {name.partition("_")[2]: shown for name, shown in names.items()}
        tiers = PromotionTier.objects.filter(project=self.project)
        rewards = Reward.objects.filter(project=self.project).order_by("type")
        counters = Counter.objects.filter(project=self.project)
        order = self.order
        return {
            "vouchers": list(
                vouchers.values_list(
                    "code", "redeemed_quantity", "redeemed_amount", "balance"
                )
            ),
            "tiers": list(
                tiers.values_list(
                    "redeemed_quantity", "orders_amount", "discounted_amount"
                )
            ),
            "rewards": list(rewards.values_list("type", "redeemed_quantity", "stock")),
            "counters": sorted(
                (
                    names[one.subject.hex],
                    one.bucket.replace(self.ada.pk.removeprefix("cust_"), "ada"),
                    one.used,
                )
                for one in counters
            ),
            "order": (
                order.status,
                order.amount,
                order.initial_amount,
                order.discount_amount,
                order.items_discount_amount,
                [{**item, "id": None} for item in order.items],
            ),
            "redemptions": sorted(
                Redemption.objects.filter(project=self.project)
                .redemptions()
                .values_list("voucher_code", "related_object_type", "status")
            ),
            "ledger": self.moved(),
        }

    def moved(self):
        sums = {}
        for entry in LedgerEntry.objects.filter(project=self.project):
            sums[entry.voucher.code] = sums.get(entry.voucher.code, 0) + entry.amount
        return sums

    def drifts(self):
        return {check.name: len(list(check.find())) for check in CHECKS}


def no_drift(shop):
    assert set(shop.drifts().values()) == {0}, shop.drifts()
