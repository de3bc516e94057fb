"""Where campaigns run: who is restricted to other places does not see them."""

from django.db import models

from campaigns.models.campaign import Campaign
from promo.ids import PrefixedIdField
from promo.tenancy.models.areas import ONE_LEVEL, Assignment


class CampaignAssignment(Assignment):
    """One place of a campaign; a campaign without any is for unrestricted callers.

    Source: platform specification, "Areas and stores".
    """

    id = PrefixedIdField("arsca_", primary_key=True, editable=False)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="places"
    )

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "area", "store", "all_stores"],
                name="campaign_once_in_a_place",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="campaign_place_is_one_level", condition=ONE_LEVEL
            ),
        ]
