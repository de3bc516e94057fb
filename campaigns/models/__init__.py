"""What marketers build, and on what."""

from campaigns.models.access import CampaignAssignment
from campaigns.models.bin import BinEntry, BinnedType
from campaigns.models.campaign import Campaign, CampaignType, PoolType, WorkStatus
from campaigns.models.catalogue import (
    Category,
    CollectionType,
    Product,
    ProductCollection,
    ProductCollectionItem,
    Sku,
)
from campaigns.models.draft import CampaignDraft
from campaigns.models.holder import Holder, HolderRole
from campaigns.models.promotion import PromotionTier
from campaigns.models.promotion_stack import PromotionStack, PromotionStackTier
from campaigns.models.publication import Publication, PublicationResult
from campaigns.models.referral import ReferralConversion
from campaigns.models.reward import Reward, RewardAssignment, RewardType
from campaigns.models.stacking import StackingRules
from campaigns.models.validation_rule import (
    RelatedObjectType,
    RuleType,
    ValidationRule,
    ValidationRuleAssignment,
)
from campaigns.models.version import CampaignVersion
from campaigns.models.voucher import Voucher, VoucherType

__all__ = [
    "BinEntry",
    "BinnedType",
    "Campaign",
    "CampaignAssignment",
    "CampaignDraft",
    "CampaignType",
    "CampaignVersion",
    "Category",
    "CollectionType",
    "Holder",
    "HolderRole",
    "PoolType",
    "Product",
    "ProductCollection",
    "ProductCollectionItem",
    "PromotionStack",
    "PromotionStackTier",
    "PromotionTier",
    "Publication",
    "PublicationResult",
    "ReferralConversion",
    "RelatedObjectType",
    "Reward",
    "RewardAssignment",
    "RewardType",
    "RuleType",
    "Sku",
    "StackingRules",
    "ValidationRule",
    "ValidationRuleAssignment",
    "Voucher",
    "VoucherType",
    "WorkStatus",
]
