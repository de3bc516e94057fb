"""What comparing kept numbers with their records found."""

from django.db import models


class LedgerVerification(models.Model):
    """One comparison of all kept numbers of the installation with their records.

    ``drifts`` is how many numbers differ. ``found`` has an entry for each check: its
    ``name``, ``count``, and the first of what differs as ``thing``, ``kept`` and
    ``recorded``.
    """

    began_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    drifts = models.PositiveBigIntegerField()
    found = models.JSONField(default=list)

    class Meta:
        ordering = ["-finished_at", "-id"]
        indexes = [
            models.Index(fields=["-finished_at", "-id"], name="verification_newest")
        ]

    def __str__(self) -> str:
        return f"{self.finished_at}: {self.drifts}"
