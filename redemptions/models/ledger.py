"""The ledger of cards: every movement of a balance, in entries that never change."""

from typing import Self

from django.db import models
from django.db.models import Q

from campaigns.models import Campaign, Voucher
from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project

ENTRY_PREFIX = "vtx_"


class EntryType(models.TextChoices):
    """Why a balance moved; credits of gift cards, points of loyalty cards."""

    CREDITS_ADDITION = "CREDITS_ADDITION"
    CREDITS_REMOVAL = "CREDITS_REMOVAL"
    CREDITS_REDEMPTION = "CREDITS_REDEMPTION"
    CREDITS_REFUND = "CREDITS_REFUND"
    POINTS_ACCRUAL = "POINTS_ACCRUAL"
    POINTS_ADDITION = "POINTS_ADDITION"
    POINTS_REMOVAL = "POINTS_REMOVAL"
    POINTS_REDEMPTION = "POINTS_REDEMPTION"
    POINTS_REFUND = "POINTS_REFUND"


class LedgerEntryQuerySet(models.QuerySet["LedgerEntry"]):
    """Ways to find entries."""

    def by_reference(self, reference: str) -> Self:
        """The entry with this id."""
        if parse_or_none(ENTRY_PREFIX, reference) is None:
            return self.none()
        return self.filter(pk=reference)


class LedgerEntry(models.Model):
    """One movement of a card's balance; rows are added and never changed.

    ``amount`` is signed: minor units of credit, or points. ``balance`` and ``total``
    are the card's after it; ``total`` leaves redemptions and refunds out. With what
    the card started with, the amounts add up to the balance, always. ``details``
    names what moved it: order, redemption, rollback, reward. ``source`` is empty
    unless somebody asked for it by hand.

    Source: campaigns specification, "Balance and ledger".
    """

    id = PrefixedIdField(ENTRY_PREFIX, primary_key=True, editable=False)
    # No constraint: every checkout would lock the one row to check it. The project is
    # that of the voucher, and so is the campaign.
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="ledger_entries",
        db_constraint=False,
        db_index=False,
    )
    voucher = models.ForeignKey(
        Voucher, on_delete=models.PROTECT, related_name="ledger_entries", db_index=False
    )
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.PROTECT,
        related_name="ledger_entries",
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
    )
    type = models.CharField(max_length=32, choices=EntryType.choices)
    amount = models.BigIntegerField()
    balance = models.BigIntegerField()
    total = models.BigIntegerField()
    source_id = models.CharField(max_length=512, null=True, blank=True)  # noqa: DJ001 - wire null
    source = models.CharField(max_length=64, blank=True, default="")
    reason = models.TextField(null=True, blank=True)  # noqa: DJ001 - wire null
    details = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    objects = LedgerEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "ledger entries"
        constraints = [
            models.UniqueConstraint(
                fields=["voucher", "source_id"],
                name="ledger_source_id_is_unique",
                condition=Q(source_id__isnull=False),
            ),
            models.CheckConstraint(
                name="ledger_entry_moves_something", condition=~Q(amount=0)
            ),
            models.CheckConstraint(
                name="ledger_balance_is_not_negative", condition=Q(balance__gte=0)
            ),
        ]
        indexes = [
            models.Index(fields=["voucher", "-id"], name="ledger_of_voucher"),
            models.Index(fields=["campaign", "-id"], name="ledger_of_campaign"),
            models.Index(fields=["project", "-id"], name="ledger_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.amount:+}"

    @property
    def is_of_points(self) -> bool:
        """Whether the entry moves points rather than credits."""
        return self.type.startswith("POINTS")

    @property
    def is_manual(self) -> bool:
        """Whether somebody asked for the movement itself."""
        return bool(self.source)
