"""Holders: who has which code in the wallet, and as what."""

from typing import Self

from django.db import models

from campaigns.models.publication import Publication
from campaigns.models.voucher import Voucher
from customers.models import Customer
from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project

HOLDER_PREFIX = "rh_"


class HolderRole(models.TextChoices):
    """What a customer is to a code."""

    OWNER = "OWNER"
    REFERRER = "REFERRER"
    REFEREE = "REFEREE"


class HolderQuerySet(models.QuerySet["Holder"]):
    """Ways to find holders."""

    def by_reference(self, reference: str) -> Self:
        """The holder record with this id."""
        if parse_or_none(HOLDER_PREFIX, reference) is None:
            return self.none()
        return self.filter(pk=reference)

    def alive(self) -> Self:
        """Records of living customers about codes that are not in the bin."""
        return self.filter(
            customer__deleted_at=None,
            voucher__deleted_at=None,
            voucher__campaign__deleted_at=None,
        )

    def with_related(self) -> Self:
        """All that showing them needs, in one statement."""
        return self.select_related(
            "customer", "voucher__campaign__category", "voucher__category"
        )


class Holder(models.Model):
    """A code that a customer has, and since when.

    The owner or referrer is also the ``holder`` of the voucher itself, referees are
    here alone. ``publication`` is the first that gave the code.

    Source: campaigns specification, "Referral programs"; data specification,
    "Redeemables (wallet)".
    """

    id = PrefixedIdField(HOLDER_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="holders"
    )
    voucher = models.ForeignKey(
        Voucher, on_delete=models.CASCADE, related_name="holders", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="holdings", db_index=False
    )
    role = models.CharField(max_length=8, choices=HolderRole.choices)
    publication = models.ForeignKey(
        Publication,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="holders",
    )
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    objects = HolderQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["voucher", "customer"], name="customer_holds_a_code_once"
            ),
            models.UniqueConstraint(
                fields=["voucher"],
                name="code_has_one_owner",
                condition=~models.Q(role="REFEREE"),
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="holder_of_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.role.lower()} {self.customer_id}"
