"""Locations: places on the map that filters of customers and items refer to."""

from typing import Self

from django.db import models

from promo.ids import PrefixedIdField
from promo.tenancy.models import Project

LOCATION_PREFIX = "loc_"


class LocationQuerySet(models.QuerySet["Location"]):
    """Locations, as the rest of the house asks for them."""

    def by_reference(self, reference: str) -> Self:
        """The location behind one id."""
        return self.filter(pk=reference)


class Location(models.Model):
    """A circle or a polygon; who or what is inside, filters ask by its id.

    ``shape`` is what the API shows of it.

    Source: data specification, "Locations".
    """

    id = PrefixedIdField(LOCATION_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="locations"
    )
    name = models.CharField(max_length=255)
    shape = models.JSONField()
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = models.Manager.from_queryset(LocationQuerySet)()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["project", "-created_at"], name="location_created"),
        ]

    def __str__(self) -> str:
        return self.name
