"""Referrals that came true: who brought whom to which programme."""

from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign
from campaigns.models.voucher import Voucher
from customers.models import Customer
from promo.tenancy.models import Project


class ReferralConversion(models.Model):
    """A customer whom a referral code brought, once in a programme.

    ``related_object_type`` and ``related_object_id`` name what counted as the referral:
    ``custom_event`` or ``redemption``. Of an erased person nothing but the row stays.

    Source: campaigns specification, "Referral programs".
    """

    # No constraints on shared rows: the project is that of the caller's key, and the
    # campaign that of the voucher, which stays for good.
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="referral_conversions",
        db_constraint=False,
    )
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.CASCADE,
        related_name="referral_conversions",
        db_constraint=False,
        db_index=False,
    )
    voucher = models.ForeignKey(
        Voucher,
        on_delete=models.CASCADE,
        related_name="referral_conversions",
        db_constraint=False,
    )
    referee = models.ForeignKey(
        Customer,
        on_delete=models.SET_NULL,
        null=True,
        related_name="referrals_received",
    )
    referrer = models.ForeignKey(
        Customer,
        on_delete=models.SET_NULL,
        null=True,
        related_name="referrals_made",
    )
    related_object_type = models.CharField(max_length=16)
    related_object_id = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "referee"], name="referee_converts_once"
            ),
            models.CheckConstraint(
                condition=~Q(referee=models.F("referrer")),
                name="nobody_refers_themselves",
            ),
        ]

    def __str__(self) -> str:
        return self.related_object_id
