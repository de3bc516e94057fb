"""The figures above a campaign's page: its codes, or its tiers."""

from typing import Any

from django.db.models import Sum

from campaigns.models import WorkStatus
from promo.admin.presentation import money
from promo.admin.summary import Figure, list_address, share_of

_WORK = {
    WorkStatus.IN_PROGRESS: "More are being made",
    WorkStatus.MODIFYING: "They are being changed",
    WorkStatus.FAILED: "The last ones could not be made",
}


def code_figures(campaign: Any) -> list[Figure]:
    """Return how many codes a campaign has, and how many uses of them are left."""
    count, used = campaign.vouchers_count, campaign.redeemed_count
    quantity = (campaign.voucher or {})["redemption"]["quantity"]
    failed = campaign.vouchers_generation_status == WorkStatus.FAILED
    codes = Figure(
        "Codes",
        f"{count:,}",
        _WORK.get(campaign.vouchers_generation_status, "All made"),
        link=list_address("campaigns_voucher", campaign__id__exact=campaign.pk),
        tone="bad" if failed else "",
    )
    if quantity is None:
        return [
            codes,
            Figure("Uses left", "No limit", "Each code, any number of times"),
        ]
    possible = count * quantity
    left = Figure(
        "Uses left",
        f"{max(possible - used, 0):,}",
        f"of {possible:,}: each code {quantity:,} times"
        if quantity > 1
        else f"of {possible:,}: each code once",
        share=share_of(used, possible),
    )
    return [codes, left]


def tier_figures(campaign: Any) -> list[Figure]:
    """Return how many tiers a promotion has, and what was ordered with them."""
    tiers = campaign.tiers.alive()
    sold = tiers.aggregate(sum=Sum("orders_amount", default=0))["sum"]
    link = list_address("campaigns_promotiontier", campaign__id__exact=campaign.pk)
    return [
        Figure("Tiers", f"{tiers.count():,}", link=link),
        Figure("Orders", money(sold, campaign.project.currency), "in total"),
    ]
