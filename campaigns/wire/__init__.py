"""Campaigns, vouchers, tiers and rules as the API, events and exports show them.

They need no view and no request: redemptions, distributions and exports import
them from here. They run no query where the row was loaded with
``select_related("campaign__category", "category")``.
"""

from campaigns.wire.campaign import campaign_as_json, category_as_json, simple_campaign
from campaigns.wire.limits import as_list
from campaigns.wire.reward import reward_assignment_as_json
from campaigns.wire.rule import assignment_as_json, rule_as_json
from campaigns.wire.tier import simple_tier, tier_as_json
from campaigns.wire.voucher import simple_voucher, voucher_as_json

__all__ = [
    "as_list",
    "assignment_as_json",
    "campaign_as_json",
    "category_as_json",
    "reward_assignment_as_json",
    "rule_as_json",
    "simple_campaign",
    "simple_tier",
    "simple_voucher",
    "tier_as_json",
    "voucher_as_json",
]
