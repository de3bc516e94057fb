"""Segments: named groups of customers, listed or defined by a filter."""

from typing import Self

from django.db import models
from django.db.models import Q

from customers.models.customer import Customer
from promo.ids import PrefixedIdField
from promo.tenancy.models import Project

SEGMENT_PREFIX = "seg_"


class SegmentType(models.TextChoices):
    """How a segment knows its members, and whether it tells of them."""

    STATIC = "static", "Static"
    PASSIVE = "passive", "Dynamic, passive"
    AUTO_UPDATE = "auto-update", "Dynamic, active"


class SegmentQuerySet(models.QuerySet["Segment"]):
    """Segments, as the rest of the house asks for them."""

    def by_reference(self, reference: str) -> Self:
        """The segment behind one id."""
        return self.filter(pk=reference)

    def dynamic(self) -> Self:
        """Segments that a filter defines."""
        return self.exclude(type=SegmentType.STATIC)


class Segment(models.Model):
    """A group of customers that rules and messages refer to.

    A static one lists its members for good; the others have a ``filter``, and an active
    one (``auto-update``) tells who enters and leaves. ``completed_at`` is when the
    members of a filter had first been found; until then nobody is said to enter.
    With ``follows_clock`` people enter and leave as time goes by; ``placed_on`` is the
    project's day for which they were last placed.

    Source: data specification, "Segments".
    """

    id = PrefixedIdField(SEGMENT_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="segments"
    )
    name = models.CharField(max_length=255)
    type = models.CharField(max_length=16, choices=SegmentType.choices)
    filter = models.JSONField(null=True, blank=True)
    follows_clock = models.BooleanField(default=False, editable=False)
    placed_on = models.DateField(null=True, blank=True, editable=False)
    completed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = models.Manager.from_queryset(SegmentQuerySet)()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["project", "-created_at"], name="segment_created"),
            models.Index(
                fields=["placed_on"],
                name="segment_follows_clock",
                condition=Q(follows_clock=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="dynamic_segment_has_a_filter",
                condition=Q(type="static", filter__isnull=True)
                | (~Q(type="static") & Q(filter__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return self.name


class SegmentMember(models.Model):
    """A customer found to be in a segment, and since when."""

    segment = models.ForeignKey(
        Segment, on_delete=models.CASCADE, related_name="members", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="memberships"
    )
    joined_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "customer"], name="customer_once_in_segment"
            )
        ]

    def __str__(self) -> str:
        return str(self.customer_id)
