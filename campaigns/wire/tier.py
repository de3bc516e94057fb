"""Promotion tiers as the API and events show them."""

from collections.abc import Sequence
from typing import Any

from campaigns.models import Campaign, PromotionTier
from campaigns.wire.campaign import category_as_json
from campaigns.wire.limits import as_list, moment, time_limits, without_nulls
from campaigns.wire.voucher import discount_as_json
from promo.clock import isoformat

Json = dict[str, Any]


def tier_as_json(tier: PromotionTier, *, assignments: Sequence[Json] = ()) -> Json:
    """Return the whole tier; time limits that are unset are left out.

    ``assignments`` are its rendered rule assignments.

    Source: campaigns specification, "Tier".
    """
    category = tier.category
    optional = {
        "updated_at": moment(tier.updated_at),
        "category": category.name if category else None,
        **time_limits(tier),
    }
    return without_nulls(optional) | {
        "id": tier.pk,
        "created_at": isoformat(tier.created_at),
        "name": tier.name,
        "banner": tier.banner or None,
        "action": _action(tier),
        "metadata": tier.metadata,
        "hierarchy": tier.hierarchy,
        "promotion_id": tier.campaign_id,
        "campaign": _campaign(tier.campaign),
        "campaign_id": tier.campaign_id,
        "active": tier.active,
        "category_id": tier.category_id,
        "categories": [category_as_json(category)] if category else [],
        "summary": {
            "redemptions": {"total_redeemed": tier.redeemed_quantity},
            "orders": {
                "total_amount": tier.orders_amount,
                "total_discount_amount": tier.discounted_amount,
            },
        },
        "validation_rule_assignments": as_list(assignments) if assignments else None,
        "object": "promotion_tier",
    }


def simple_tier(tier: PromotionTier) -> Json:
    """Return what events about other things embed.

    Source: platform specification, "Webhooks".
    """
    return {
        "id": tier.pk,
        "name": tier.name,
        "banner": tier.banner or None,
        "campaign": _campaign(tier.campaign),
        "metadata": tier.metadata,
        "object": "promotion_tier",
    }


def _action(tier: PromotionTier) -> Json:
    return {**tier.action, "discount": discount_as_json(tier.action["discount"])}


def _campaign(campaign: Campaign) -> Json:
    limits = time_limits(campaign)
    dates = {name: limits.pop(name) for name in ("start_date", "expiration_date")}
    return {
        "id": campaign.pk,
        **dates,
        **without_nulls(limits),
        "active": campaign.active,
        "category_id": campaign.category_id,
        "object": "campaign",
    }
