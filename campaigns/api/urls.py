from django.urls import URLPattern

from campaigns.api import campaigns
from campaigns.api.promotion_tiers import (
    CampaignTierResource,
    ClientTierResource,
    TierResource,
)
from campaigns.api.rule_assignments import AssignmentResource, RuleAssignmentResource
from campaigns.api.validation_rules import ValidationRuleResource
from campaigns.api.vouchers import ClientVoucherResource, VoucherResource

urlpatterns: list[URLPattern] = [
    *AssignmentResource.urls(),
    *CampaignTierResource.urls(),
    *ClientTierResource.urls(),
    *RuleAssignmentResource.urls(),
    *TierResource.urls(),
    *ValidationRuleResource.urls(),
    *VoucherResource.urls(),
    *ClientVoucherResource.urls(),
    *campaigns.URLS,
]
