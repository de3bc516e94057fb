"""What the page of a campaign says of its redemptions."""

from collections.abc import Sequence

from campaigns.models import Campaign
from promo.admin.presentation import money
from promo.admin.summary import Figure, list_address
from redemptions.admin.redemption_filters import REFUSED
from redemptions.services.figures import campaign_totals


def what_it_gave(campaign: Campaign) -> Sequence[Figure]:
    """Return the discounts of a campaign and how often it was refused."""
    totals = campaign_totals(campaign)
    currency, redeemed = campaign.project.currency, totals.redeemed
    each = money(totals.discount // redeemed, currency) if redeemed else ""
    link = list_address(
        "redemptions_redemption", campaign__id__exact=campaign.pk, outcome=REFUSED
    )
    return [
        Figure(
            "Discounts given",
            money(totals.discount, currency),
            f"{each} a redemption" if each else "",
        ),
        Figure("Refused", f"{totals.refused:,}", "attempts", link=link),
    ]
