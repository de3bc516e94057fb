"""Exports: rows of a project as a CSV file, made once or again and again."""

import secrets
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import ApiKey, Project, User

EXPORT_PREFIX = "exp_"
SCHEDULE_PREFIX = "exps_"
#: How long a file can be downloaded.
KEPT = timedelta(days=90)


def new_token() -> str:
    """Return 256 random bits as text that needs no quoting in an address."""
    return secrets.token_urlsafe(32)


class ExportStatus(models.TextChoices):
    """How far an export is."""

    SCHEDULED = "SCHEDULED", "Waiting"
    IN_PROGRESS = "IN_PROGRESS", "Running"
    DONE = "DONE", "Done"
    ERROR = "ERROR", "Failed"


class ExportChannel(models.TextChoices):
    """Who asked: a program, or a person at the dashboard."""

    API = "API"
    WEBSITE = "WEBSITE"


class ExportQuerySet(models.QuerySet["Export"]):
    """Exports, as the rest of the house asks for them."""

    def alive(self) -> Self:
        """Exports that nobody has deleted."""
        return self.filter(deleted_at=None)

    def by_reference(self, reference: str) -> Self:
        """The export with this id."""
        if parse_or_none(EXPORT_PREFIX, reference) is None:
            return self.none()
        return self.filter(pk=reference)

    def unfinished(self) -> Self:
        """Exports that a worker still has to make."""
        return self.alive().filter(finished_at=None)


class Export(models.Model):
    """One file of rows, and how far it is.

    ``parameters`` are what was asked, as answered. ``scope`` is what the address
    fixed, ``{"voucher_id": …}`` or ``{"campaign_id": …}``, and ``places`` how far the
    caller reached, None for everywhere: both hold whatever the parameters say.
    ``attempt`` counts the beginnings: what was written in an earlier one is void.
    ``tries`` counts those that a dead worker left. ``checksum`` is the SHA-256 of the
    file, empty for files made before it was kept. Withdrawn (``withdrawn_at``) the
    file can be read no more and is about to go, deleted (``deleted_at``) the row too.
    ``told_at`` is when the recipients of its schedule were written to.

    Source: data specification, "Exports".
    """

    id = PrefixedIdField(EXPORT_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="exports", db_index=False
    )
    exported_object = models.CharField("what", max_length=32)
    parameters = models.JSONField(default=dict)
    scope = models.JSONField(default=dict)
    places = models.JSONField(null=True)
    channel = models.CharField(
        max_length=8, choices=ExportChannel.choices, default=ExportChannel.API
    )
    user = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="exports"
    )
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.SET_NULL, null=True, related_name="exports"
    )
    schedule = models.ForeignKey(
        "ScheduledExport", on_delete=models.SET_NULL, null=True, related_name="exports"
    )
    status = models.CharField(
        max_length=12, choices=ExportStatus.choices, default=ExportStatus.SCHEDULED
    )
    token = models.CharField(max_length=43, default=new_token)
    file_name = models.CharField(max_length=255)
    size = models.BigIntegerField(null=True)
    rows = models.BigIntegerField(null=True)
    checksum = models.CharField(
        "SHA-256", max_length=64, blank=True, default="", editable=False
    )
    failure = models.TextField(blank=True, default="")
    attempt = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    objects = models.Manager.from_queryset(ExportQuerySet)()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["project", "-created_at", "-id"], name="export_newest"
            ),
            models.Index(
                fields=["created_at"],
                name="export_unfinished",
                condition=Q(finished_at=None, deleted_at=None),
            ),
            models.Index(
                fields=["withdrawn_at"],
                name="export_withdrawn",
                condition=Q(withdrawn_at__isnull=False) & ~Q(file_name=""),
            ),
            models.Index(
                fields=["created_at"],
                name="export_kept",
                condition=Q(withdrawn_at=None),
            ),
            models.Index(
                fields=["finished_at"],
                name="export_to_tell",
                condition=Q(schedule__isnull=False, told_at=None, status="DONE"),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="finished_export_says_when",
                condition=Q(status__in=["DONE", "ERROR"], finished_at__isnull=False)
                | (~Q(status__in=["DONE", "ERROR"]) & Q(finished_at=None)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.exported_object.replace('_', ' ').capitalize()} export"

    def has_file(self, now: datetime) -> bool:
        """Whether its file can be downloaded at ``now``."""
        kept = self.withdrawn_at is None and self.created_at > now - KEPT
        return kept and self.status == ExportStatus.DONE


class Frequency(models.TextChoices):
    """How often a schedule runs."""

    DAILY = "DAILY", "Every day"
    WEEKLY = "WEEKLY", "Every week"


class Weekday(models.IntegerChoices):
    """A day of the week, as everywhere in the API."""

    MONDAY = 1, "Monday"
    TUESDAY = 2, "Tuesday"
    WEDNESDAY = 3, "Wednesday"
    THURSDAY = 4, "Thursday"
    FRIDAY = 5, "Friday"
    SATURDAY = 6, "Saturday"
    SUNDAY = 0, "Sunday"


class ScheduledExportQuerySet(models.QuerySet["ScheduledExport"]):
    """Schedules, as the rest of the house asks for them."""

    def due_at(self, now: datetime) -> Self:
        """Schedules whose next run has come."""
        return self.filter(active=True, next_run_at__lte=now)


class ScheduledExport(models.Model):
    """An export that is made again and again, and to whom its link is sent.

    It runs at ``hour`` on the project's clock, a weekly one on ``weekday``.
    ``recipients`` are e-mail addresses. ``last_run_at`` is when it last ran.
    """

    id = PrefixedIdField(SCHEDULE_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="scheduled_exports"
    )
    name = models.CharField(max_length=255)
    exported_object = models.CharField("what", max_length=32)
    parameters = models.JSONField(default=dict, blank=True)
    frequency = models.CharField(
        "how often",
        max_length=8,
        choices=Frequency.choices,
        default=Frequency.DAILY,
    )
    weekday = models.PositiveSmallIntegerField(
        "on", choices=Weekday.choices, default=Weekday.MONDAY
    )
    hour = models.PositiveSmallIntegerField("at", default=6)
    recipients = models.JSONField(default=list, blank=True)
    active = models.BooleanField(default=True)
    user = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="scheduled_exports"
    )
    next_run_at = models.DateTimeField(editable=False)
    last_run_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = models.Manager.from_queryset(ScheduledExportQuerySet)()

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(
                fields=["next_run_at"], name="schedule_due", condition=Q(active=True)
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="schedule_has_an_hour", condition=Q(hour__lt=24, weekday__lt=7)
            )
        ]

    def __str__(self) -> str:
        return self.name
