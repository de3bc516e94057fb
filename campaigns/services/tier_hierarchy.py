"""The order of a campaign's tiers: 1 is first, an occupied place is made free."""

from datetime import datetime

from django.db.models import F, Max

from campaigns.models import Campaign, PromotionTier
from promo.errors import ResourceNotFound
from promo.tenancy.models import Project

MOST = 1_000_000


def hold_campaign(project: Project, campaign_id: str) -> Campaign:
    """Return a living campaign, held until the transaction ends.

    Whoever changes the order of its tiers holds it, so that two of them cannot
    take the same place. Redemptions do not wait for it.

    Raises:
        ResourceNotFound: the campaign is gone.
    """
    living = project.campaigns.alive().filter(pk=campaign_id)
    held = living.select_for_update(no_key=True, of=("self",))
    campaign = held.select_related("category").first()
    if campaign is None:
        raise ResourceNotFound("campaign", campaign_id)
    return campaign


def next_place(campaign: Campaign) -> int:
    """Return the place after all others."""
    last = campaign.tiers.alive().aggregate(last=Max("hierarchy"))["last"]
    return (last or 0) + 1


def hold_tiers(campaign: Campaign) -> None:
    """Hold all tiers by key, the order in which redemptions take the same rows."""
    living = campaign.tiers.filter(deleted_at=None).order_by("pk")
    tiers = living.select_for_update(no_key=True)
    list(tiers.values_list("pk", flat=True))


def free_place(
    campaign: Campaign, place: int, *, moving: PromotionTier | None, now: datetime
) -> None:
    """Shift the tiers from ``place`` on up by one if another tier stands there."""
    others = campaign.tiers.filter(deleted_at=None).exclude(
        pk=moving.pk if moving else None
    )
    if not others.filter(hierarchy=place).exists():
        return
    hold_tiers(campaign)
    behind = others.filter(hierarchy__gte=place)
    behind.update(hierarchy=F("hierarchy") + 1, updated_at=now)
