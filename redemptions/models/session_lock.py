"""What validation sessions hold of vouchers until they are redeemed or expire."""

from datetime import datetime
from typing import Self

from django.db import models

from campaigns.models import Voucher
from promo import ids
from promo.tenancy.models import Project


class SessionLockQuerySet(models.QuerySet["SessionLock"]):
    """Ways to find locks."""

    def standing_at(self, now: datetime) -> Self:
        """Locks that have not expired."""
        return self.filter(expires_at__gt=now)


class SessionLock(models.Model):
    """One voucher held by one session: redemptions of its quantity, and its balance.

    A session is all locks with its ``key``. The sums of a voucher's locks, expired ones
    included, stand on the voucher as ``held_quantity`` and ``held_amount``; whoever
    adds or deletes a lock holds the voucher's row and moves them along.

    Source: engine specification, "Sessions".
    """

    id = models.UUIDField(primary_key=True, default=ids.new_uuid, editable=False)
    # No constraint: every validation would lock this one row to check it. The project
    # comes from the caller's key.
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="session_locks",
        db_constraint=False,
        db_index=False,
    )
    key = models.CharField(max_length=255)
    voucher = models.ForeignKey(
        Voucher, on_delete=models.CASCADE, related_name="session_locks"
    )
    quantity = models.PositiveIntegerField(default=1)
    amount = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = SessionLockQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "key", "voucher"], name="one_lock_a_session"
            )
        ]
        indexes = [models.Index(fields=["expires_at"], name="lock_by_expiry")]

    def __str__(self) -> str:
        return f"{self.key}: {self.quantity}"
