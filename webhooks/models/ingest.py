"""What came in by the event bus, and how far it has been read."""

from django.db import models

from promo.ids import PrefixedIdField
from promo.tenancy.models import Project, User


class BusRecord(models.Model):
    """A record that has been taken in or given up: what comes again is passed by.

    Written in the transaction of what the record asks for. ``ce_id`` and ``ce_source``
    are empty where the record does not say them. ``is_dead`` is one that was put among
    the dead letters.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="bus_records", db_index=False
    )
    topic = models.CharField(max_length=249)
    partition = models.PositiveIntegerField()
    offset = models.PositiveBigIntegerField()
    ce_id = models.TextField(blank=True, default="")
    ce_source = models.TextField(blank=True, default="")
    is_dead = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "topic", "partition", "offset"],
                name="bus_record_once",
            ),
            models.UniqueConstraint(
                fields=["project", "ce_source", "ce_id"],
                condition=~models.Q(ce_id=""),
                name="bus_event_once",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="bus_record_age")]

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class BusPosition(models.Model):
    """How far a project's consumers have come in one partition.

    ``committed`` is the next offset to read, ``end`` the one after the last record.
    ``stuck_at`` is since when records have waited there without any being taken, None
    where none waits.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="bus_positions", db_index=False
    )
    kind = models.CharField(max_length=20)
    topic = models.CharField(max_length=249)
    partition = models.PositiveIntegerField()
    committed = models.PositiveBigIntegerField()
    end = models.PositiveBigIntegerField()
    stuck_at = models.DateTimeField(null=True)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "topic", "partition"], name="bus_position_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}"


class LetterState(models.TextChoices):
    """What became of a dead letter."""

    WAITING = "WAITING", "To be looked at"
    TAKEN = "TAKEN", "Taken"
    DISMISSED = "DISMISSED", "Put aside"


class BusDeadLetter(models.Model):
    """A record of the bus that could not be taken, until somebody has dealt with it.

    ``kind`` is what it tells of, one of ``INGEST_KINDS``; ``value`` is None where the
    record had none. ``headers`` are pairs of name and text. ``error`` is why it was
    refused the last time, after ``attempts`` of them, the last by hand at ``tried_at``.
    """

    id = PrefixedIdField("dead_", primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="dead_letters", db_index=False
    )
    kind = models.CharField("about", max_length=20)
    topic = models.CharField(max_length=249)
    partition = models.PositiveIntegerField()
    offset = models.PositiveBigIntegerField()
    key = models.TextField(blank=True)
    value = models.TextField(null=True, blank=True)  # noqa: DJ001 - none is not empty
    headers = models.JSONField(default=list, blank=True)
    error = models.TextField()
    attempts = models.PositiveIntegerField(default=1)
    state = models.CharField(
        max_length=10, choices=LetterState.choices, default=LetterState.WAITING
    )
    created_at = models.DateTimeField("came in")
    tried_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "dead letter"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "topic", "partition", "offset"],
                name="dead_letter_once",
            ),
            models.CheckConstraint(
                name="settled_letter_says_when",
                condition=models.Q(state="WAITING", settled_at=None)
                | models.Q(state__in=["TAKEN", "DISMISSED"], settled_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "-created_at", "-id"], name="dead_letter_newest"
            ),
            models.Index(
                fields=["project"],
                name="dead_letter_waiting",
                condition=models.Q(state="WAITING"),
            ),
            models.Index(fields=["created_at"], name="dead_letter_age"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.partition}/{self.offset}"
