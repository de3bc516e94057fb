"""Sendouts and every attempt at them."""

from typing import Self

from django.db import models

from promo.ids import PrefixedIdField
from promo.tenancy.models import Project
from webhooks.models.message import DistributionMessage
from webhooks.models.webhook import Webhook


class Status(models.TextChoices):
    """What has become of a sendout."""

    PENDING = "PENDING", "Pending"
    SUCCEEDED = "SUCCEEDED", "Succeeded"
    FAILED = "FAILED", "Failed"
    CANCELED = "CANCELED", "Canceled"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Sendouts, told apart by how they stand."""

    def pending(self) -> Self:
        """Those that are owed."""
        return self.filter(status=Status.PENDING)

    def finished(self) -> Self:
        """Those that are not tried any more."""
        return self.exclude(status=Status.PENDING)


class Delivery(models.Model):
    """One event on its way to one webhook.

    The body is made of the event whenever it is needed, so nothing of it is kept twice;
    a test has no event, and its ``sample`` stands for the data. One that carries a
    ``message`` of a distribution is made of that. Sendouts of one ``key`` go to a
    webhook one after the other, in the order of ``event_id``. ``due_at`` is when the
    next attempt is to be made; ``claimed_until`` is how long whoever makes it may take.
    """

    id = PrefixedIdField("whs_", primary_key=True, editable=False)
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="webhook_deliveries",
        db_constraint=False,
    )
    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    message = models.OneToOneField(
        DistributionMessage,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="delivery",
    )
    event_id = PrefixedIdField("ev_")
    event_created_at = models.DateTimeField()
    type = models.CharField(max_length=100)
    key = models.CharField(max_length=64, blank=True, default="")
    sample = models.JSONField(null=True, blank=True)
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.PENDING
    )
    attempts_made = models.PositiveSmallIntegerField(default=0)
    first_attempt_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "event_id"], name="event_once_a_webhook"
            )
        ]
        indexes = [
            models.Index(
                fields=["webhook", "event_id"],
                name="delivery_waiting",
                condition=models.Q(status="PENDING"),
            ),
            models.Index(
                fields=["webhook", "key", "event_id"],
                name="delivery_in_turn",
                condition=models.Q(status="PENDING"),
            ),
            models.Index(
                fields=["webhook", "claimed_until"],
                name="delivery_under_way",
                condition=models.Q(status="PENDING", claimed_until__isnull=False),
            ),
            models.Index(fields=["created_at"], name="delivery_made"),
            models.Index(
                fields=["project", "created_at"],
                name="delivery_failed",
                condition=models.Q(status="FAILED"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"


class Attempt(models.Model):
    """One request, and what came of it.

    ``status_code`` is None where nothing was answered; ``error`` then says why.
    ``request_headers`` hide what custom headers say. ``response_body`` is cut.
    """

    delivery = models.ForeignKey(
        Delivery, on_delete=models.CASCADE, related_name="attempts"
    )
    started_at = models.DateTimeField()
    duration = models.PositiveIntegerField(help_text="Milliseconds.")
    status_code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True, default="")
    request_headers = models.JSONField(default=dict)
    response_body = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["started_at", "id"]

    def __str__(self) -> str:
        return f"{self.started_at} {self.status_code or self.error}"
