"""Custom events: what customers do elsewhere, how often, and what may be told of it."""

from typing import Any, Self

from django.db import models

from customers.engine.event_schemas import schema_of
from customers.models.customer import Customer
from promo.ids import PrefixedIdField
from promo.metadata_schemas.engine.definitions import Schema
from promo.tenancy.models import Project

SCHEMA_PREFIX = "ms_"
EVENT_PREFIX = "event_"
LONGEST_NAME = 300


class CustomEventSchemaQuerySet(models.QuerySet["CustomEventSchema"]):
    """Definitions of events, as the rest of the house asks for them."""

    def by_reference(self, reference: str) -> Self:
        """The definition behind one id."""
        return self.filter(pk=reference)


class CustomEventSchema(models.Model):
    """An event that customers of a project can be said to have done.

    ``properties`` maps the keys of its metadata to their definitions, as the API shows
    them: ``type``, ``optional``, and ``deleted`` where one was taken away.

    Source: data specification, "Custom events and their schemas".
    """

    id = PrefixedIdField(SCHEMA_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="custom_event_schemas"
    )
    name = models.CharField(max_length=LONGEST_NAME)
    properties = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = models.Manager.from_queryset(CustomEventSchemaQuerySet)()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "event schema"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="one_schema_per_custom_event"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def schema(self) -> Schema:
        """The definitions as the engine reads them."""
        return schema_of(self.name, self.properties)


class CustomEvent(models.Model):
    """One thing that a customer did, by the name of its definition.

    It outlives the definition. ``referral`` and ``loyalty`` are the codes that came
    with it, as events show them; ``referrer`` is who had given the referral code.
    """

    id = PrefixedIdField(EVENT_PREFIX, primary_key=True, editable=False)
    # No constraint: every event would lock the one row to check it. The project is
    # that of the caller's key.
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="custom_events",
        db_constraint=False,
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="custom_events"
    )
    name = models.CharField(max_length=LONGEST_NAME)
    metadata = models.JSONField(default=dict)
    referral = models.JSONField(null=True)
    referrer = models.ForeignKey(
        Customer,
        on_delete=models.SET_NULL,
        null=True,
        related_name="referred_events",
        db_index=False,
    )
    loyalty = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["referrer"],
                name="custom_event_of_referrer",
                condition=models.Q(referrer__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name


class CustomEventCount(models.Model):
    """How often a customer did something, and when for the first and the last time."""

    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        related_name="event_counts",
        db_index=False,
    )
    name = models.CharField(max_length=LONGEST_NAME)
    count = models.BigIntegerField()
    first_occurred_at = models.DateTimeField()
    last_occurred_at = models.DateTimeField()

    class Meta:
        ordering = ["customer", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "name"], name="one_count_per_customer_and_event"
            ),
            models.CheckConstraint(
                condition=models.Q(count__gt=0), name="custom_event_count_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.count}"

    def as_profile(self) -> dict[str, Any]:
        """Return what filters see of it."""
        return {
            "count": self.count,
            "first_occurred_at": self.first_occurred_at,
            "last_occurred_at": self.last_occurred_at,
        }
