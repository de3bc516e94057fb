"""Promotion stacks: tiers of one promotion that a checkout names together."""

from typing import Self

from django.db import models

from campaigns.models.campaign import Campaign
from campaigns.models.catalogue import Category
from campaigns.models.promotion import PromotionTier
from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project

STACK_PREFIX = "stack_"


class PromotionStackQuerySet(models.QuerySet["PromotionStack"]):
    """Promotion stacks, as the rest of the house asks for them."""

    def alive(self) -> Self:
        """Stacks that are not in the bin with their campaign."""
        return self.filter(campaign__deleted_at=None)

    def by_reference(self, reference: str) -> Self:
        """The stack with this id; another text names nothing."""
        if parse_or_none(STACK_PREFIX, reference) is None:
            return self.none()
        return self.filter(pk=reference)

    def with_members(self) -> Self:
        """Stacks with all that showing them takes."""
        return self.select_related("category").prefetch_related("members")


class PromotionStack(models.Model):
    """Tiers of one campaign in the order in which they are applied.

    It is never without a tier: who loses the last one is deleted.

    Source: campaigns specification, "Stack".
    """

    id = PrefixedIdField(STACK_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="promotion_stacks"
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="stacks"
    )
    name = models.CharField(max_length=255)
    category = models.ForeignKey(
        Category,
        on_delete=models.SET_NULL,
        related_name="promotion_stacks",
        null=True,
        blank=True,
    )
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PromotionStackQuerySet.as_manager()

    class Meta:
        ordering = ["campaign", "created_at", "id"]
        indexes = [
            models.Index(fields=["project", "-created_at"], name="stack_created"),
        ]

    def __str__(self) -> str:
        return self.name


class PromotionStackTier(models.Model):
    """One tier of a stack and its place in it; places may leave gaps."""

    stack = models.ForeignKey(
        PromotionStack, on_delete=models.CASCADE, related_name="members"
    )
    tier = models.ForeignKey(
        PromotionTier, on_delete=models.CASCADE, related_name="memberships"
    )
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["stack", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["stack", "tier"], name="tier_once_in_stack"
            ),
            models.UniqueConstraint(
                fields=["stack", "position"], name="one_tier_a_place_in_stack"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.tier_id}"
