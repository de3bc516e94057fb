"""Messages of distributions: who gets what, when it is due and what came of it."""

from datetime import datetime
from typing import Self

from django.db import models

from promo.ids import PrefixedIdField
from promo.tenancy.models import Project
from webhooks.models.distribution import Distribution

MESSAGE_PREFIX = "dmsg_"


class MessageState(models.TextChoices):
    """What has become of a message.

    SENDING is on its way through the webhooks, which try again by themselves; all
    others are either WAITING for their moment or over.
    """

    WAITING = "WAITING", "Waiting"
    SENDING = "SENDING", "On its way"
    SENT = "SENT", "Sent"
    SKIPPED = "SKIPPED", "Skipped"
    FAILED = "FAILED", "Failed"
    CANCELED = "CANCELED", "Canceled"


class MessageQuerySet(models.QuerySet["DistributionMessage"]):
    """Messages, told apart by how they stand."""

    def waiting(self) -> Self:
        """Those that are owed."""
        return self.filter(state=MessageState.WAITING)

    def unfinished(self) -> Self:
        """Those of which nobody knows yet what comes."""
        return self.filter(state__in=[MessageState.WAITING, MessageState.SENDING])

    def finished_before(self, moment: datetime) -> Self:
        """Those that were over before ``moment``."""
        return self.filter(finished_at__lt=moment)


class DistributionMessage(models.Model):
    """What one event makes a distribution send one customer through one channel.

    The event and the customer are named, not referred to: both may go first.
    Of what one event makes one customer get, the message of the first channel leads:
    all have its id as ``leader_id``, and who deals with any of them holds it. Its
    ``is_counted`` says that the limits count what they are together.

    ``reason`` is a key for why it was skipped, canceled or failed, and for what it
    waits; ``problem`` says in words why the last attempt failed. ``claimed_until`` is
    how long whoever sends it may take. ``publication_id`` is the code that was given,
    ``sent`` what went out.
    """

    id = PrefixedIdField(MESSAGE_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="distribution_messages",
        db_constraint=False,
        db_index=False,
    )
    distribution = models.ForeignKey(
        Distribution,
        on_delete=models.CASCADE,
        related_name="messages",
        db_index=False,
    )
    event_id = PrefixedIdField("ev_")
    event_type = models.CharField(max_length=100)
    event_created_at = models.DateTimeField()
    customer_id = PrefixedIdField("cust_")
    channel = models.CharField(max_length=32)
    leader_id = PrefixedIdField(MESSAGE_PREFIX)
    state = models.CharField(
        max_length=10, choices=MessageState.choices, default=MessageState.WAITING
    )
    reason = models.CharField(max_length=64, blank=True, default="")
    problem = models.CharField(max_length=200, blank=True, default="")
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    is_counted = models.BooleanField(default=False)
    attempts_made = models.PositiveSmallIntegerField(default=0)
    first_attempt_at = models.DateTimeField(null=True, blank=True)
    publication_id = models.CharField(max_length=64, blank=True, default="")
    sent = models.JSONField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["distribution", "event_id", "customer_id", "channel"],
                name="one_message_an_event",
            )
        ]
        indexes = [
            models.Index(
                fields=["distribution", "due_at"],
                name="message_waiting",
                condition=models.Q(state="WAITING"),
            ),
            models.Index(
                fields=["distribution", "channel", "state", "reason"],
                name="message_counted",
            ),
            models.Index(
                fields=["distribution", "-created_at", "-id"], name="message_made"
            ),
            models.Index(fields=["leader_id"], name="message_together"),
            models.Index(fields=["project", "customer_id"], name="message_of_customer"),
            models.Index(
                fields=["finished_at"],
                name="message_over",
                condition=models.Q(finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"
