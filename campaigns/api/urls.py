from django.urls import URLPattern, path

from campaigns.api import (
    assets,
    campaigns,
    custom_events,
    customer_activity,
    stacking_rules,
    voucher_intake,
)
from campaigns.api.bin import BinResource
from campaigns.api.catalogue_intake import (
    ProductsBulkView,
    ProductsCsvView,
    ProductsMetadataView,
    SkusCsvView,
)
from campaigns.api.categories import CategoryResource
from campaigns.api.collections import CollectionActivitiesResource, CollectionResource
from campaigns.api.holders import WalletResource
from campaigns.api.loyalty_rewards import (
    LoyaltyAssignmentResource,
    LoyaltyRewardResource,
)
from campaigns.api.products import ProductResource, ProductSkuResource, SkuResource
from campaigns.api.promotion_stacks import CampaignStackResource, StackResource
from campaigns.api.promotion_tiers import (
    CampaignTierResource,
    ClientTierResource,
    TierResource,
)
from campaigns.api.publication_query import PublicationByQuery
from campaigns.api.publications import (
    ClientPublicationResource,
    PublicationResource,
)
from campaigns.api.rewards import RewardAssignmentResource, RewardResource
from campaigns.api.rule_assignments import AssignmentResource, RuleAssignmentResource
from campaigns.api.validation_rules import ValidationRuleResource
from campaigns.api.vouchers import ClientVoucherResource, VoucherResource

urlpatterns: list[URLPattern] = [
    *assets.URLS,
    *AssignmentResource.urls(),
    *BinResource.urls(),
    *CampaignStackResource.urls(),
    *CampaignTierResource.urls(),
    *CategoryResource.urls(),
    *ClientPublicationResource.urls(),
    *ClientTierResource.urls(),
    *CollectionResource.urls(),
    *CollectionActivitiesResource.urls(),
    *LoyaltyAssignmentResource.urls(),
    *LoyaltyRewardResource.urls(),
    path("v1/products/importCSV", ProductsCsvView.as_view()),
    path("v1/products/bulk/async", ProductsBulkView.as_view()),
    path("v1/products/metadata/async", ProductsMetadataView.as_view()),
    path("v1/skus/importCSV", SkusCsvView.as_view()),
    *ProductResource.urls(),
    *ProductSkuResource.urls(),
    *PublicationByQuery.urls(),
    *PublicationResource.urls(),
    *RewardAssignmentResource.urls(),
    *RewardResource.urls(),
    *RuleAssignmentResource.urls(),
    *SkuResource.urls(),
    *StackResource.urls(),
    *TierResource.urls(),
    *ValidationRuleResource.urls(),
    # Before the vouchers: they take whatever follows for a code.
    *voucher_intake.URLS,
    *VoucherResource.urls(),
    *ClientVoucherResource.urls(),
    *WalletResource.urls(),
    *campaigns.URLS,
    *customer_activity.URLS,
    *custom_events.URLS,
    *stacking_rules.URLS,
]
