"""Promotion tiers: discounts that need no code."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from campaigns.models.campaign import Campaign
from campaigns.models.catalogue import Category
from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project

TIER_PREFIX = "promo_"


class PromotionTierQuerySet(models.QuerySet["PromotionTier"]):
    """Promotion tiers, as the rest of the house asks for them."""

    def alive(self) -> Self:
        """Tiers that are neither deleted nor in the bin with their campaign.

        To lock them, say ``of=("self",)``: this joins the campaign.
        """
        return self.filter(deleted_at=None, campaign__deleted_at=None)

    def running_at(self, now: datetime) -> Self:
        """Enabled tiers of enabled campaigns whose dates contain ``now``.

        A date that the tier leaves open is the campaign's; both ends are included.
        """
        dated = self.alive().alias(
            starts=Coalesce("start_date", "campaign__start_date"),
            expires=Coalesce("expiration_date", "campaign__expiration_date"),
        )
        return dated.filter(
            Q(starts=None) | Q(starts__lte=now),
            Q(expires=None) | Q(expires__gte=now),
            active=True,
            campaign__active=True,
        )

    def by_reference(self, reference: str) -> Self:
        """The living tier with this id; another text names nothing."""
        if parse_or_none(TIER_PREFIX, reference) is None:
            return self.none()
        return self.alive().filter(pk=reference)


class PromotionTier(models.Model):
    """One level of a promotion campaign.

    ``action`` holds the discount as stored. The lower ``hierarchy``, the earlier
    the tier is tried. ``redeemed_quantity`` counts redemptions that stand,
    ``orders_amount`` and ``discounted_amount`` sum up their orders and discounts in
    minor units. A deleted tier stays for its redemptions alone. With its campaign in
    the bin it is hidden as it is, so that a restore brings it back.

    Source: campaigns specification, "Promotion tiers".
    """

    id = PrefixedIdField(TIER_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="promotion_tiers"
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="tiers"
    )
    name = models.CharField(max_length=255, blank=True, default="")
    banner = models.TextField(blank=True, default="")
    action = models.JSONField(default=dict)
    category = models.ForeignKey(
        Category,
        on_delete=models.SET_NULL,
        related_name="promotion_tiers",
        null=True,
        blank=True,
    )
    hierarchy = models.PositiveIntegerField()
    active = models.BooleanField(default=True)
    start_date = models.DateTimeField(null=True, blank=True)
    expiration_date = models.DateTimeField(null=True, blank=True)
    validity_timeframe = models.JSONField(null=True, blank=True)
    validity_day_of_week = models.JSONField(null=True, blank=True)
    validity_hours = models.JSONField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    redeemed_quantity = models.BigIntegerField(default=0, editable=False)
    orders_amount = models.BigIntegerField(default=0, editable=False)
    discounted_amount = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PromotionTierQuerySet.as_manager()

    class Meta:
        ordering = ["campaign", "hierarchy", "id"]
        constraints = [
            models.CheckConstraint(
                name="tier_redemptions_are_not_negative",
                condition=Q(redeemed_quantity__gte=0),
            ),
            models.CheckConstraint(
                name="tier_sums_are_not_negative",
                condition=Q(orders_amount__gte=0, discounted_amount__gte=0),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-created_at"], name="tier_created"),
            models.Index(fields=["campaign", "hierarchy"], name="tier_of_campaign"),
        ]

    def __str__(self) -> str:
        return self.name or self.pk
