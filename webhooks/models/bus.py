"""What the event bus is owed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class BusShard(models.Model):
    """What a bus relay holds while it publishes events of a shard.

    Apart from the outbox's own shards: a broker that is slow holds up nobody else.
    """

    id = models.PositiveSmallIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.pk)


class BusBatch(models.Model):
    """Events of one shard that the bus is owed, in their order.

    The outbox's relay adds one while it holds the shard, so within a shard ``id`` grows
    as events were committed. ``left`` are the places in ``events`` that are still owed,
    None for all of them; nothing left, no row. ``since`` and ``until`` are the earliest
    and latest moments of the events, which say in which months they lie.
    """

    shard = models.PositiveSmallIntegerField()
    events = ArrayField(models.UUIDField())
    left = ArrayField(models.PositiveSmallIntegerField(), null=True)
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        verbose_name_plural = "bus batches"
        ordering = ["id"]
        indexes = [models.Index(fields=["shard", "id"], name="bus_batch_in_turn")]

    def __str__(self) -> str:
        return f"{self.shard}/{self.pk}"
