"""Campaigns and vouchers, the least valid ones."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from campaigns.engine.codes import CodeConfig
from campaigns.models import (
    Campaign,
    CampaignType,
    Category,
    Holder,
    HolderRole,
    Voucher,
)
from campaigns.models.voucher import code_key
from campaigns.wire.holder import role_by_publication
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW, ProjectFactory

TEN_PERCENT = {"type": "PERCENT", "percent_off": 10}
_COUPON = frozenset({"type", "discount"})


def template(**changed: Any) -> dict[str, Any]:
    """Return the template of a coupon campaign."""
    return {
        "type": "DISCOUNT_VOUCHER",
        "discount": TEN_PERCENT,
        "redemption": {"quantity": None},
        "code_config": CodeConfig().as_json(),
        "is_referral_code": False,
        **changed,
    }


def gift_template(amount: int = 5000, **changed: Any) -> dict[str, Any]:
    """Return the template of a gift campaign."""
    gift = {"type": "GIFT_VOUCHER", "gift": {"amount": amount}}
    shared = {name: one for name, one in template().items() if name not in _COUPON}
    return gift | shared | changed


def loyalty_template(points: int = 100, **changed: Any) -> dict[str, Any]:
    """Return the template of a loyalty programme."""
    card = {"type": "LOYALTY_CARD", "loyalty_card": {"points": points}}
    shared = {name: one for name, one in template().items() if name not in _COUPON}
    return card | shared | changed


class CategoryFactory(DjangoModelFactory[Category]):
    class Meta:
        model = Category

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Category {n}")
    hierarchy = 1
    created_at = NOW


class CampaignFactory(DjangoModelFactory[Campaign]):
    class Meta:
        model = Campaign

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Campaign {n}")
    campaign_type = CampaignType.DISCOUNT_COUPONS
    voucher = factory.LazyFunction(template)
    use_voucher_metadata_schema = True
    created_at = NOW


class PromotionFactory(CampaignFactory):
    campaign_type = CampaignType.PROMOTION
    voucher = None
    use_voucher_metadata_schema = False


class GiftCampaignFactory(CampaignFactory):
    campaign_type = CampaignType.GIFT_VOUCHERS
    voucher = factory.LazyFunction(gift_template)


class LoyaltyProgramFactory(CampaignFactory):
    campaign_type = CampaignType.LOYALTY_PROGRAM
    voucher = factory.LazyFunction(loyalty_template)
    join_once = True


class ReferralCampaignFactory(CampaignFactory):
    """A programme that counts redemptions, or the event of the schema ``counts``."""

    class Params:
        counts = None

    campaign_type = CampaignType.REFERRAL_PROGRAM
    voucher = factory.LazyFunction(lambda: template(is_referral_code=True))
    referral_program = factory.LazyAttribute(
        lambda made: (
            {
                "conversion_event_type": "custom_event",
                "custom_event": {"id": made.counts.pk, "name": made.counts.name},
            }
            if made.counts
            else {"conversion_event_type": "redemption"}
        )
    )


class VoucherFactory(DjangoModelFactory[Voucher]):
    """A standalone voucher; with a ``campaign`` it belongs to its project."""

    class Meta:
        model = Voucher

    project = factory.LazyAttribute(
        lambda made: made.campaign.project if made.campaign else ProjectFactory()
    )
    campaign = None
    code = factory.Sequence(lambda n: f"CODE-{n}")
    code_key = factory.LazyAttribute(lambda made: code_key(made.project, made.code))
    discount = factory.LazyFunction(lambda: dict(TEN_PERCENT))
    created_at = NOW

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **values: Any) -> Voucher:
        """Return the voucher; who holds it has the record that says so."""
        made: Voucher = super()._create(model_class, *args, **values)
        if made.holder is not None:
            Holder.objects.create(
                project=made.project,
                voucher=made,
                customer=made.holder,
                role=role_by_publication(made),
                created_at=NOW,
            )
        return made


class GiftCardFactory(VoucherFactory):
    """A standalone gift card with ``credited_amount`` on it, 50.00 at first."""

    type = "GIFT_VOUCHER"
    discount = None
    credited_amount = 5000
    initial_balance = factory.SelfAttribute("credited_amount")


class LoyaltyCardFactory(VoucherFactory):
    """A card of a programme of its own, with 1000 points at first."""

    type = "LOYALTY_CARD"
    discount = None
    campaign = factory.SubFactory(LoyaltyProgramFactory)
    credited_amount = 1000
    initial_balance = factory.SelfAttribute("credited_amount")


class HolderFactory(DjangoModelFactory[Holder]):
    """The owner of a voucher; a ``role`` of REFEREE leaves the voucher as it is."""

    class Meta:
        model = Holder

    voucher = factory.SubFactory(VoucherFactory)
    project = factory.SelfAttribute("voucher.project")
    customer = factory.SubFactory(
        CustomerFactory, project=factory.SelfAttribute("..project")
    )
    role = HolderRole.OWNER
    created_at = NOW

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **values: Any) -> Holder:
        made: Holder = super()._create(model_class, *args, **values)
        if made.role != HolderRole.REFEREE:
            made.voucher.holder = made.customer
            made.voucher.save(update_fields=["holder"])
        return made
