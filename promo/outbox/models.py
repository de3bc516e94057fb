"""The outbox: what happened, and whether listeners have been told."""

from typing import Any

from django.db import models

from promo.ids import PrefixedIdField
from promo.tenancy.models import Project

#: Object of a payload -> parts of it that listeners also get beside it. They are
#: stored once.
LIFTED = "$lifted"
#: How many relays may work at the same time: events of one key share a shard.
SHARDS = 16


#: What is told of a code that somebody changed.
EDITS_OF_CODES = (
    "voucher.updated",
    "voucher.enabled",
    "voucher.disabled",
    "voucher.deleted",
)


class DomainEvent(models.Model):
    """One fact, recorded in the transaction that made it true.

    Ids grow with time, so their order is the order of events. ``key`` is whom or what
    the event is about, as far as order matters: events of one key are handed out one
    after the other. ``published_at`` is when the relay handed the event to every
    listener.

    The table has a partition a month; its key holds ``created_at`` as well, which the
    id alone stands for here.
    """

    id = PrefixedIdField("ev_", primary_key=True, editable=False)
    # No constraint: every event would lock this one row to check it. The project
    # comes from the caller's key.
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="events", db_constraint=False
    )
    type = models.CharField(max_length=100)
    category = models.CharField(max_length=10, default="ACTION")
    entity_id = models.CharField(max_length=64, blank=True, default="")
    customer_id = models.CharField(max_length=64, blank=True, default="")
    campaign_id = models.CharField(max_length=64, blank=True, default="")
    payload = models.JSONField(default=dict)
    source = models.JSONField(default=dict)
    group_id = models.CharField(max_length=64, blank=True, default="")
    key = models.CharField(max_length=64, blank=True, default="")
    shard = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["shard", "id"],
                name="event_waiting",
                condition=models.Q(published_at=None),
            ),
            models.Index(
                fields=["project", "customer_id", "-id"],
                name="event_of_customer",
                condition=~models.Q(customer_id=""),
            ),
            models.Index(
                fields=["project", "campaign_id", "-id"],
                name="event_of_campaign",
                condition=~models.Q(campaign_id=""),
            ),
            # What a checkout records has a customer or a campaign, and costs no
            # entry here.
            models.Index(
                fields=["project", "entity_id", "-id"],
                name="event_of_entity_alone",
                condition=models.Q(customer_id="", campaign_id=""),
            ),
            # What changed a code; checkouts record nothing of these types.
            models.Index(
                fields=["entity_id", "-id"],
                name="event_of_changed_code",
                condition=models.Q(type__in=EDITS_OF_CODES),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.entity_id}"

    @property
    def data(self) -> dict[str, Any]:
        """What listeners get: the payload, with what it lifts out of an object."""
        payload = dict(self.payload)
        for name, parts in payload.pop(LIFTED, {}).items():
            inner = payload[name]
            payload = {part: inner[part] for part in parts} | payload
        return payload


class Shard(models.Model):
    """What a relay holds while it hands out events of a shard, so that no other does.

    ``id`` counts from 0 to ``SHARDS`` - 1.
    """

    id = models.PositiveSmallIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.pk)
