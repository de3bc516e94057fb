"""Distributions: what a marketer sends to whom, when and through which channels.

Source: campaigns specification, "Distributions".
"""

from datetime import datetime
from typing import Any, Self

from django.db import models

from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project

DISTRIBUTION_PREFIX = "distr_"


class DistributionKind(models.TextChoices):
    """Whether somebody starts it, or what happens does."""

    MANUAL = "MANUAL", "Manual"
    AUTOMATIC = "AUTOMATIC", "Automatic"


class DistributionStatus(models.TextChoices):
    """How a distribution stands.

    SCHEDULED waits for its start, ACTIVE makes and sends messages, PAUSED keeps those
    that it has. DONE and FAILED are over.
    """

    DRAFT = "DRAFT", "Draft"
    SCHEDULED = "SCHEDULED", "Scheduled"
    ACTIVE = "ACTIVE", "Active"
    PAUSED = "PAUSED", "Paused"
    DONE = "DONE", "Done"
    FAILED = "FAILED", "Failed"


class DistributionQuerySet(models.QuerySet["Distribution"]):
    """Distributions, found and told apart."""

    def by_reference(self, reference: str) -> Self:
        """The one with this id."""
        if parse_or_none(DISTRIBUTION_PREFIX, reference) is None:
            return self.none()
        return self.filter(pk=reference)

    def active(self) -> Self:
        """Those that make messages of what happens."""
        return self.filter(status=DistributionStatus.ACTIVE)

    def due_at(self, now: datetime) -> Self:
        """Those that are to start."""
        return self.filter(status=DistributionStatus.SCHEDULED, starts_at__lte=now)

    def naming(self, name: str, reference: str) -> Self:
        """Those whose definition names ``reference`` as ``name``, such as a segment."""
        named: dict[str, Any] = {name: reference}
        return self.filter(
            models.Q(trigger__contains=named)
            | models.Q(audience__contains=named)
            | models.Q(conditions__contains=named)
            | models.Q(action__contains=named)
            | models.Q(cancel_if__contains=named)
        )


class Distribution(models.Model):
    """What is sent to whom, and when.

    The JSON is in the form that ``webhooks.engine.distributions`` checks and reads.
    ``trigger_type`` is the event that an automatic one waits for, as in ``trigger``.

    People who are there already, a manual one's or those of ``include_existing``, are
    gone through in the order of their ids from ``starts_at`` on: ``reached_id`` is the
    last one who was told, ``reached_all_at`` when there was nobody left.

    ``paused_reason`` says what paused it: empty for a person. ``notice_sent_at`` is
    when people were told of that. ``past_stats`` counts messages that are not kept
    any more, by channel, state and reason.
    """

    id = PrefixedIdField(DISTRIBUTION_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="distributions"
    )
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=10, choices=DistributionKind.choices)
    status = models.CharField(
        max_length=10,
        choices=DistributionStatus.choices,
        default=DistributionStatus.DRAFT,
    )
    trigger_type = models.CharField(max_length=100, blank=True, default="")
    trigger = models.JSONField(default=dict, blank=True)
    audience = models.JSONField(default=dict, blank=True)
    conditions = models.JSONField(default=dict, blank=True)
    action = models.JSONField(default=dict)
    channels = models.JSONField(default=list)
    delay = models.JSONField(default=dict, blank=True)
    cancel_if = models.JSONField(default=dict, blank=True)
    limits = models.JSONField(default=dict, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    reached_id = models.CharField(max_length=64, blank=True, default="", editable=False)
    reached_all_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_reason = models.CharField(max_length=64, blank=True, default="")
    notice_sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    past_stats = models.JSONField(default=list, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = DistributionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["project", "-created_at"], name="distribution_created"
            ),
            models.Index(
                fields=["project", "trigger_type"],
                name="distribution_listening",
                condition=models.Q(status="ACTIVE"),
            ),
            models.Index(
                fields=["starts_at"],
                name="distribution_starting",
                condition=models.Q(reached_all_at=None, starts_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DistributionCount(models.Model):
    """How often something was sent already, where a limit asks.

    ``subject`` is a distribution or a project, ``bucket`` what is counted of it:
    ``total``, ``day:2026-03-10`` on the project's calendar, ``customer:<id>``.
    """

    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="distribution_counts",
        db_constraint=False,
    )
    subject = models.CharField(max_length=64)
    bucket = models.CharField(max_length=64)
    used = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "subject", "bucket"], name="distribution_count"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.bucket}: {self.used}"
