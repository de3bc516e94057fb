"""Watching over budgets: whom to tell when how much is used, and what was told."""

from django.db import models
from django.db.models import Q

from campaigns.models import Campaign
from promo.tenancy.models import Project


def usual_thresholds() -> list[int]:
    """Return the percents at which people are told unless they say otherwise."""
    return [80, 95, 100]


class BudgetWatch(models.Model):
    """At how many percents of a campaign's limits somebody is told.

    ``recipients`` are e-mail addresses. At ``stop_at`` percents of a limit that no
    period renews, the campaign is disabled; None never does that.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="budget_watches"
    )
    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, related_name="budget_watch"
    )
    thresholds = models.JSONField(default=usual_thresholds)
    recipients = models.JSONField(default=list, blank=True)
    stop_at = models.PositiveSmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="budget_stops_at_percents",
                condition=Q(stop_at=None) | Q(stop_at__gte=1, stop_at__lte=100),
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.thresholds}"


class BudgetAlert(models.Model):
    """One threshold that a limit has reached in a period, once.

    ``bucket`` says which period, as counters do. A limit that is changed is another
    one. ``stopped`` is whether the campaign was disabled for it, ``told_at`` when the
    recipients were written to.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="budget_alerts"
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="budget_alerts", db_index=False
    )
    rule = models.CharField(max_length=100)
    bucket = models.CharField(max_length=100)
    limit = models.BigIntegerField()
    threshold = models.PositiveSmallIntegerField()
    used = models.BigIntegerField()
    stopped = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "rule", "bucket", "limit", "threshold"],
                name="one_alert_a_threshold",
            )
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="budget_alert_untold",
                condition=Q(told_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} at {self.threshold} %"
