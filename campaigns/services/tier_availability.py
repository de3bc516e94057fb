"""Which tiers somebody could use right now, as far as time and switches go."""

from datetime import datetime

from django.db.models import Q

from campaigns.engine.validity import State, state_at
from campaigns.models import PromotionTier
from campaigns.models.promotion import PromotionTierQuerySet
from campaigns.services.promotion_tier import own_validity
from promo.tenancy.models import Project

_RECURRING = ("validity_timeframe", "validity_day_of_week", "validity_hours")


def available_tiers(
    project: Project, tiers: PromotionTierQuerySet, *, now: datetime
) -> PromotionTierQuerySet:
    """Keep tiers that are on, with their campaign, and inside their time limits.

    Dates are compared by the database. Only tiers with recurring limits are read,
    in one more query, to ask the engine about their windows.
    """
    running = tiers.running_at(now)
    recurring = Q()
    for name in _RECURRING:
        recurring |= Q(**{f"{name}__isnull": False})
        recurring |= Q(**{f"campaign__{name}__isnull": False})
    closed = [
        tier.pk
        for tier in running.filter(recurring).select_related("campaign")
        if not _is_open(tier, project, now)
    ]
    return running.exclude(pk__in=closed) if closed else running


def _is_open(tier: PromotionTier, project: Project, now: datetime) -> bool:
    effective = own_validity(tier).over(own_validity(tier.campaign))
    return state_at(effective, now, project.zone) is State.VALID
