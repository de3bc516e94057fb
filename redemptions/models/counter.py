"""Counters behind limits: moved by one conditional statement, never read first."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Right

from promo.tenancy.models import Project

#: What the bucket of a day, week or month ends with, after its last colon.
WINDOW = ":[dwm][0-9]{4}-[0-9]{2}-[0-9]{2}$"
_WINDOW_LENGTH = 11


class Counter(models.Model):
    """How often something was used within a bucket.

    ``subject`` is the UUID of an incentive or campaign, ``bucket`` says what is
    counted, such as ``customer:<uuid hex>``. ``ceiling`` is the limit that the last
    claim was held against, None for none.
    """

    # No constraint: every checkout would lock this one row to check it. The project
    # comes from the caller's key.
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    subject = models.UUIDField()
    bucket = models.CharField(max_length=100)
    used = models.BigIntegerField(default=0)
    ceiling = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["subject", "bucket"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "subject", "bucket"], name="one_counter_per_bucket"
            ),
            models.CheckConstraint(
                name="counter_is_not_negative", condition=Q(used__gte=0)
            ),
        ]
        indexes = [
            models.Index(
                Right("bucket", _WINDOW_LENGTH),
                name="counter_by_window",
                condition=Q(bucket__regex=WINDOW),
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.bucket}: {self.used}"
