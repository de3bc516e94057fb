"""The bin: what was deleted and can be restored, or erased for good."""

from typing import Self

from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign
from campaigns.models.catalogue import Product
from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project, User

ENTRY_PREFIX = "tbe_"


class BinnedType(models.TextChoices):
    """What can lie in the bin."""

    CAMPAIGN = "campaign", "Campaign"
    VOUCHER = "voucher", "Voucher"
    PRODUCT = "product", "Product"
    SKU = "sku", "SKU"


class BinEntryQuerySet(models.QuerySet["BinEntry"]):
    """Entries of the bin, as the rest of the house asks for them."""

    def by_reference(self, reference: str) -> Self:
        """The entry with this id."""
        if parse_or_none(ENTRY_PREFIX, reference) is None:
            return self.none()
        return self.filter(pk=reference)


class BinEntry(models.Model):
    """One thing that was deleted by itself and still exists.

    What is deleted along with it, the codes of a campaign or the SKUs of a product,
    has no entry of its own and comes back, or goes, with it. ``campaign`` is the
    campaign in the bin, or that of the voucher; ``product`` the product in the bin, or
    that of the SKU. ``deleted_by`` is None for deletions by the API. ``joined`` are
    the publications by which holders of a voucher had joined its campaign.

    Source: data specification, "Bin".
    """

    id = PrefixedIdField(ENTRY_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="bin_entries", db_index=False
    )
    resource_type = models.CharField(max_length=16, choices=BinnedType.choices)
    resource_id = models.CharField(max_length=64)
    resource_name = models.TextField()
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.CASCADE,
        related_name="bin_entries",
        null=True,
        blank=True,
    )
    product = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        related_name="bin_entries",
        null=True,
        blank=True,
    )
    joined = models.JSONField(default=list, blank=True)
    # No constraint: whoever acts is named as the request names them.
    deleted_by = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
    )
    created_at = models.DateTimeField()

    objects = BinEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "bin entries"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "resource_id"], name="once_in_the_bin"
            ),
            models.CheckConstraint(
                name="bin_entry_names_what_it_is_of",
                condition=Q(
                    resource_type="campaign", campaign__isnull=False, product=None
                )
                | Q(resource_type="voucher", product=None)
                | Q(
                    resource_type__in=["product", "sku"],
                    campaign=None,
                    product__isnull=False,
                ),
            ),
        ]
        indexes = [models.Index(fields=["project", "-id"], name="bin_newest")]

    def __str__(self) -> str:
        return self.resource_name

    @property
    def resource_parent_id(self) -> str | None:
        """The campaign of a voucher, the product of a SKU; None for all others."""
        parents = {
            BinnedType.VOUCHER: self.campaign_id,
            BinnedType.SKU: self.product_id,
        }
        return parents.get(BinnedType(self.resource_type))
