"""Reports that are sent again and again."""

from typing import Self

from django.db import models
from django.db.models import Q

from campaigns.models import Campaign
from promo.ids import PrefixedIdField
from promo.tenancy.models import Project
from redemptions.models.export import Weekday


class ReportFrequency(models.TextChoices):
    """How often a report is sent, and so which days it is about."""

    DAILY = "DAILY", "Every day, about the day before"
    WEEKLY = "WEEKLY", "Every week, about the seven days before"
    MONTHLY = "MONTHLY", "Every month, about the month before"


class ScheduledReportQuerySet(models.QuerySet["ScheduledReport"]):
    """Schedules, as the rest of the house asks for them."""

    def due_at(self, now: object) -> Self:
        """Schedules whose next run has come."""
        return self.filter(active=True, next_run_at__lte=now)


class ScheduledReport(models.Model):
    """A report that is sent by e-mail at ``hour`` on the project's clock.

    A weekly one goes on ``weekday``, a monthly one on the first. Without a campaign it
    is about the whole project.
    """

    id = PrefixedIdField("rep_", primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="scheduled_reports"
    )
    name = models.CharField(max_length=255)
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        help_text="Empty for all campaigns together.",
    )
    frequency = models.CharField(
        "how often",
        max_length=8,
        choices=ReportFrequency.choices,
        default=ReportFrequency.WEEKLY,
    )
    weekday = models.PositiveSmallIntegerField(
        "on", choices=Weekday.choices, default=Weekday.MONDAY
    )
    hour = models.PositiveSmallIntegerField("at", default=6)
    recipients = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    next_run_at = models.DateTimeField(editable=False)
    last_run_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = models.Manager.from_queryset(ScheduledReportQuerySet)()

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(
                fields=["next_run_at"], name="report_due", condition=Q(active=True)
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="report_has_an_hour", condition=Q(hour__lt=24, weekday__lt=7)
            )
        ]

    def __str__(self) -> str:
        return self.name
