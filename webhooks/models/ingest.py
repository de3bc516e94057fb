"""What came in by the event bus, and how far it has been read."""

from django.db import models

from promo.tenancy.models import Project


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
