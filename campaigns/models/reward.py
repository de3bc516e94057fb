"""Rewards: what points are worth, and the programmes that offer it."""

from typing import Self

from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign
from campaigns.models.catalogue import Product, Sku
from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project

REWARD_PREFIX = "rew_"
ASSIGNMENT_PREFIX = "rewa_"


class RewardType(models.TextChoices):
    """How a reward is handed out: by a campaign, off the order, or as a thing."""

    CAMPAIGN = "CAMPAIGN"
    COIN = "COIN"
    MATERIAL = "MATERIAL"


class RewardQuerySet(models.QuerySet["Reward"]):
    """Rewards, as the rest of the house asks for them."""

    def by_reference(self, reference: str) -> Self:
        """The reward with this id."""
        if parse_or_none(REWARD_PREFIX, reference) is None:
            return self.none()
        return self.filter(pk=reference)


class Reward(models.Model):
    """What points buy.

    A reward of a campaign is one of its codes, or ``balance`` on one of its cards:
    minor units of credit, or points. With a coin, ``points_ratio`` points pay
    ``exchange_ratio`` major units of an order. A material reward is a product or one
    of its SKUs. ``stock`` are the units left, None without end. ``redeemed_quantity``
    counts what was redeemed and stands.

    Source: campaigns specification, "Rewards".
    """

    id = PrefixedIdField(REWARD_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="rewards", db_index=False
    )
    name = models.CharField(max_length=255)
    type = models.CharField(max_length=16, choices=RewardType.choices)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    balance = models.BigIntegerField(null=True, blank=True)
    exchange_ratio = models.DecimalField(
        max_digits=18, decimal_places=6, null=True, blank=True
    )
    points_ratio = models.BigIntegerField(null=True, blank=True)
    product = models.ForeignKey(
        Product, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    sku = models.ForeignKey(
        Sku, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    stock = models.BigIntegerField(null=True, blank=True)
    redeemed_quantity = models.BigIntegerField(default=0, editable=False)
    attributes = models.JSONField(default=dict, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = RewardQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="coin_has_its_ratio",
                condition=~Q(type="COIN")
                | Q(exchange_ratio__gt=0, points_ratio__gte=1),
            ),
            models.CheckConstraint(
                name="reward_balance_is_positive",
                condition=Q(balance=None) | Q(balance__gte=1),
            ),
            models.CheckConstraint(
                name="reward_stock_is_not_negative",
                condition=Q(stock=None) | Q(stock__gte=0),
            ),
            models.CheckConstraint(
                name="reward_redeemed_is_not_negative",
                condition=Q(redeemed_quantity__gte=0),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-created_at"], name="reward_created")
        ]

    def __str__(self) -> str:
        return self.name


class RewardAssignmentQuerySet(models.QuerySet["RewardAssignment"]):
    """Assignments, as the rest of the house asks for them."""

    def alive(self) -> Self:
        """Assignments that are not in the bin with their programme.

        To lock them, say ``of=("self",)``: this joins the campaign.
        """
        return self.filter(campaign__deleted_at=None)

    def by_reference(self, reference: str) -> Self:
        """The living assignment with this id."""
        if parse_or_none(ASSIGNMENT_PREFIX, reference) is None:
            return self.none()
        return self.alive().filter(pk=reference)


class RewardAssignment(models.Model):
    """A reward that a loyalty programme offers.

    ``points`` is the price; None for a coin, which has a rate instead.
    """

    id = PrefixedIdField(ASSIGNMENT_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="reward_assignments",
        db_index=False,
    )
    reward = models.ForeignKey(
        Reward, on_delete=models.PROTECT, related_name="assignments", db_index=False
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="reward_assignments"
    )
    points = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = RewardAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reward", "campaign"], name="one_assignment_of_a_reward"
            ),
            models.CheckConstraint(
                name="reward_price_is_positive",
                condition=Q(points=None) | Q(points__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.pk
