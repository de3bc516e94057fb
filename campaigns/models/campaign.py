"""Campaigns: one idea of a marketer, with its codes or promotion tiers."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Case, Q, When

from campaigns.models.catalogue import Category
from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project

CAMPAIGN_PREFIX = "camp_"


class CampaignType(models.TextChoices):
    """What a campaign offers."""

    DISCOUNT_COUPONS = "DISCOUNT_COUPONS"
    GIFT_VOUCHERS = "GIFT_VOUCHERS"
    REFERRAL_PROGRAM = "REFERRAL_PROGRAM"
    LOYALTY_PROGRAM = "LOYALTY_PROGRAM"
    PROMOTION = "PROMOTION"


class PoolType(models.TextChoices):
    """How the pool of codes grows."""

    AUTO_UPDATE = "AUTO_UPDATE"
    STATIC = "STATIC"
    STANDALONE = "STANDALONE"


class WorkStatus(models.TextChoices):
    """How far work on a campaign and its codes is."""

    DONE = "DONE"
    IN_PROGRESS = "IN_PROGRESS"
    FAILED = "FAILED"
    DRAFT = "DRAFT"
    MODIFYING = "MODIFYING"


class DisabledFor(models.TextChoices):
    """Why nobody can use a campaign, where it was not somebody's own choice."""

    BUDGET = "budget", "Budget"


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Campaigns, as the rest of the house asks for them."""

    def alive(self) -> Self:
        """Campaigns that are not in the bin."""
        return self.filter(deleted_at=None)

    def binned(self) -> Self:
        """Campaigns in the bin."""
        return self.filter(deleted_at__isnull=False, erased_at=None)

    def running_at(self, now: datetime) -> Self:
        """Enabled campaigns whose dates contain ``now``, both ends included."""
        return self.alive().filter(
            Q(start_date=None) | Q(start_date__lte=now),
            Q(expiration_date=None) | Q(expiration_date__gte=now),
            active=True,
        )

    def by_reference(self, reference: str) -> Self:
        """The living campaign behind an id or a name; first the one with the id."""
        if parse_or_none(CAMPAIGN_PREFIX, reference) is None:
            return self.alive().filter(name=reference)
        id_first = Case(When(pk=reference, then=0), default=1)
        known = self.alive().filter(Q(pk=reference) | Q(name=reference))
        return known.order_by(id_first)


CampaignManager = models.Manager.from_queryset(CampaignQuerySet)


class Campaign(models.Model):
    """A set of codes with one template, or of promotion tiers.

    ``voucher`` is the template of its codes: ``type``, its block (``discount``,
    ``gift`` or ``loyalty_card``), ``redemption.quantity``, ``code_config``; None for
    promotions. ``disabled_for`` says why the system itself disabled it.
    ``referral_program`` says what counts as a referral.
    ``vouchers_count`` counts the codes outside the bin. The validity fields are read in
    the project's zone. In the bin (``deleted_at``) it is gone from the API, but its
    name and codes stay taken. Erased (``erased_at``) it frees them; the row stays for
    its redemptions alone.

    Source: campaigns specification, "Campaign object".
    """

    id = PrefixedIdField(CAMPAIGN_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="campaigns"
    )
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="")
    campaign_type = models.CharField(max_length=20, choices=CampaignType.choices)
    type = models.CharField(
        max_length=16, choices=PoolType.choices, default=PoolType.STATIC
    )
    category = models.ForeignKey(
        Category,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="campaigns",
    )
    start_date = models.DateTimeField(null=True, blank=True)
    expiration_date = models.DateTimeField(null=True, blank=True)
    validity_timeframe = models.JSONField(null=True, blank=True)
    validity_day_of_week = models.JSONField(null=True, blank=True)
    validity_hours = models.JSONField(null=True, blank=True)
    activity_duration_after_publishing = models.CharField(
        max_length=64, blank=True, default=""
    )
    join_once = models.BooleanField(default=False)
    auto_join = models.BooleanField(default=False)
    use_voucher_metadata_schema = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    disabled_for = models.CharField(
        max_length=16,
        choices=DisabledFor.choices,
        blank=True,
        default="",
        editable=False,
    )
    voucher = models.JSONField(null=True, blank=True)
    referral_program = models.JSONField(null=True, blank=True)
    vouchers_count = models.PositiveIntegerField(default=0)
    creation_status = models.CharField(
        max_length=16, choices=WorkStatus.choices, default=WorkStatus.DONE
    )
    vouchers_generation_status = models.CharField(
        max_length=16, choices=WorkStatus.choices, default=WorkStatus.DONE
    )
    protected = models.BooleanField(default=False)
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CampaignManager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="campaign_name")
        ]
        indexes = [
            models.Index(fields=["project", "-created_at"], name="campaign_created"),
            models.Index(fields=["project", "updated_at"], name="campaign_updated"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_codes(self) -> bool:
        """Whether the campaign works through codes rather than tiers."""
        return self.campaign_type != CampaignType.PROMOTION
