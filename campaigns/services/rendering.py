"""Campaigns and vouchers with the rules assigned to them, as the API shows them.

The number of statements does not depend on the number of objects.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from campaigns.models import Campaign, Voucher
from campaigns.services.assigned import rendered_assignments
from campaigns.wire import campaign_as_json, tier_as_json, voucher_as_json
from promo.tenancy.models import Project

Json = dict[str, Any]


def rendered_campaigns(
    project: Project, campaigns: Sequence[Campaign], *, with_categories: bool = True
) -> list[Json]:
    """Return campaigns with their rule assignments and, of promotions, the tiers."""
    assignments = rendered_assignments(project, [one.pk for one in campaigns])
    tiers = _tiers(project, [one for one in campaigns if not one.has_codes])
    return [
        campaign_as_json(
            one,
            assignments=assignments[one.pk],
            tiers=None if one.has_codes else tiers[one.pk],
            with_categories=with_categories,
        )
        for one in campaigns
    ]


def rendered_campaign(campaign: Campaign) -> Json:
    """Return one campaign, as ``rendered_campaigns``."""
    return rendered_campaigns(campaign.project, [campaign])[0]


def rendered_vouchers(project: Project, vouchers: Sequence[Voucher]) -> list[Json]:
    """Return vouchers with their rule assignments, those of the campaign first."""
    guarded = {one.pk for one in vouchers} | {
        one.campaign_id for one in vouchers if one.campaign_id
    }
    assignments = rendered_assignments(project, sorted(guarded))
    return [
        voucher_as_json(
            one,
            assignments=[
                *assignments.get(one.campaign_id or "", []),
                *assignments[one.pk],
            ],
        )
        for one in vouchers
    ]


def rendered_voucher(voucher: Voucher) -> Json:
    """Return one voucher, as ``rendered_vouchers``."""
    return rendered_vouchers(voucher.project, [voucher])[0]


def _tiers(project: Project, promotions: Sequence[Campaign]) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = defaultdict(list)
    if not promotions:
        return found
    rows = project.promotion_tiers.alive().filter(campaign__in=promotions)
    tiers = list(
        rows.select_related("campaign", "category").order_by("hierarchy", "pk")
    )
    assignments = rendered_assignments(project, [tier.pk for tier in tiers])
    for tier in tiers:
        shown = tier_as_json(tier, assignments=assignments[tier.pk])
        found[tier.campaign_id].append(shown)
    return found
