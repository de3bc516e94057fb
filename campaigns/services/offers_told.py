"""Campaigns and tiers as messages tell of them, several at once.

Source: platform specification, "Distribution events".
"""

from collections.abc import Collection
from typing import Any

from campaigns.wire import simple_campaign, tier_as_json
from promo.ids import parse_or_none
from promo.tenancy.models import Project

Json = dict[str, Any]


def campaigns_told(project: Project, ids: Collection[str]) -> dict[str, Json]:
    """Return the living campaigns behind ``ids`` as events embed them, by id."""
    known = [text for text in ids if parse_or_none("camp_", text)]
    if not known:
        return {}
    rows = project.campaigns.alive().filter(pk__in=known)
    return {each.pk: simple_campaign(each) for each in rows.select_related("category")}


def tiers_told(project: Project, ids: Collection[str]) -> dict[str, tuple[Json, Json]]:
    """Return the living tiers behind ``ids`` with their campaigns, by id."""
    known = [text for text in ids if parse_or_none("promo_", text)]
    if not known:
        return {}
    rows = project.promotion_tiers.alive().filter(pk__in=known)
    related = rows.select_related("campaign__category", "category")
    return {
        each.pk: (tier_as_json(each), simple_campaign(each.campaign))
        for each in related
    }


def gives_codes(project: Project, campaign_id: str) -> bool | None:
    """Say whether a campaign has codes to publish; None where it is gone."""
    if parse_or_none("camp_", campaign_id) is None:
        return None
    found = project.campaigns.alive().filter(pk=campaign_id).first()
    return None if found is None else found.has_codes
