"""Campaigns as the API and events show them."""

from collections.abc import Sequence
from typing import Any

from campaigns.models import Campaign, Category
from campaigns.wire.limits import LIMITS, as_list, moment, time_limits, without_nulls
from promo.clock import isoformat

Json = dict[str, Any]


def category_as_json(category: Category) -> Json:
    """Return a category as it stands inside other objects."""
    shown = {
        "id": category.pk,
        "name": category.name,
        "hierarchy": category.hierarchy,
        "created_at": isoformat(category.created_at),
        "updated_at": moment(category.updated_at),
        "object": "category",
    }
    return without_nulls(shown)


def campaign_as_json(
    campaign: Campaign,
    *,
    assignments: Sequence[Json] = (),
    tiers: Sequence[Json] | None = None,
    with_categories: bool = True,
) -> Json:
    """Return the whole campaign; fields that are unset are left out.

    ``assignments`` are its rendered rule assignments, ``tiers`` its rendered
    promotion tiers, where it has some. Lists show categories only on demand.

    Source: campaigns specification, "Fields".
    """
    category = campaign.category
    optional = {
        "description": campaign.description or None,
        **time_limits(campaign),
        "activity_duration_after_publishing": (
            campaign.activity_duration_after_publishing or None
        ),
        "updated_at": moment(campaign.updated_at),
        "category": category.name if category else None,
        "referral_program": campaign.referral_program,
        **_offer(campaign, tiers),
    }
    return without_nulls(optional) | {
        "id": campaign.pk,
        "name": campaign.name,
        "campaign_type": campaign.campaign_type,
        "type": campaign.type,
        "auto_join": campaign.auto_join,
        "join_once": campaign.join_once,
        "use_voucher_metadata_schema": campaign.use_voucher_metadata_schema,
        "active": campaign.active,
        "metadata": campaign.metadata,
        "created_at": isoformat(campaign.created_at),
        "creation_status": campaign.creation_status,
        "vouchers_generation_status": campaign.vouchers_generation_status,
        "protected": campaign.protected,
        "category_id": campaign.category_id,
        "categories": (
            [category_as_json(category)] if category and with_categories else []
        ),
        "validation_rules_assignments": as_list(assignments),
        "object": "campaign",
    }


def _offer(campaign: Campaign, tiers: Sequence[Json] | None) -> Json:
    """Return the template of its codes and their number, or the tiers."""
    if campaign.voucher is not None:
        voucher = campaign.voucher | without_nulls(time_limits(campaign))
        return {"voucher": voucher, "vouchers_count": campaign.vouchers_count}
    if tiers is None:
        return {}
    return {"promotion": as_list(tiers, "tiers") | {"has_more": False}}


def simple_campaign(campaign: Campaign) -> Json:
    """Return what events of vouchers and publications embed.

    Source: platform specification, "Webhooks".
    """
    category = campaign.category
    shown: Json = {
        "id": campaign.pk,
        "name": campaign.name,
        "campaign_type": campaign.campaign_type,
        "type": campaign.type,
        "auto_join": campaign.auto_join,
        "join_once": campaign.join_once,
        "active": campaign.active,
        "category_id": campaign.category_id,
        "categories": [category_as_json(category)] if category else [],
        "start_date": moment(campaign.start_date),
        "expiration_date": moment(campaign.expiration_date),
        "created_at": isoformat(campaign.created_at),
        "updated_at": moment(campaign.updated_at),
        "metadata": campaign.metadata,
        "object": "campaign",
    }
    if category:
        shown["category"] = category.name
    if campaign.voucher is not None:
        shown["is_referral_code"] = campaign.voucher["is_referral_code"]
        shown["voucher"] = {
            name: value
            for name, value in campaign.voucher.items()
            if name not in {"is_referral_code", *LIMITS}
        }
    return shown
