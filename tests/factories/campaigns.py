"""Campaigns and vouchers, the least valid ones."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from campaigns.engine.codes import CodeConfig
from campaigns.models import Campaign, CampaignType, Category, Voucher
from campaigns.models.voucher import code_key
from tests.factories.tenancy import NOW, ProjectFactory

TEN_PERCENT = {"type": "PERCENT", "percent_off": 10}


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
