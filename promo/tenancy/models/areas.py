"""Areas and stores: where campaigns run, and where restricted keys reach."""

from typing import Self

from django.db import models
from django.db.models import Q

from promo.ids import PrefixedIdField
from promo.tenancy.access_scope import Place
from promo.tenancy.models.access import ApiKey
from promo.tenancy.models.project import Project


class AreaQuerySet(models.QuerySet["Area"]):
    """Areas, as the rest of the house asks for them."""

    def by_reference(self, reference: str) -> Self:
        """The area behind one id."""
        return self.filter(pk=reference)


class Area(models.Model):
    """A part of the business, such as a country or a brand, with stores of its own.

    Source: platform specification, "Areas and stores".
    """

    id = PrefixedIdField("ar_", primary_key=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="areas")
    name = models.CharField(max_length=255)
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = models.Manager.from_queryset(AreaQuerySet)()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="area_name")
        ]

    def __str__(self) -> str:
        return self.name


class AreaStoreQuerySet(models.QuerySet["AreaStore"]):
    """Stores, as the rest of the house asks for them."""

    def by_reference(self, reference: str) -> Self:
        """The store behind one id."""
        return self.filter(pk=reference)


class AreaStore(models.Model):
    """One point of sale of an area."""

    id = PrefixedIdField("ars_", primary_key=True, editable=False)
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="stores")
    name = models.CharField(max_length=255)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = models.Manager.from_queryset(AreaStoreQuerySet)()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["area", "name"], name="store_name")
        ]

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """Something's place: an area, all its stores, or one of them."""

    area = models.ForeignKey(Area, on_delete=models.RESTRICT, related_name="+")
    store = models.ForeignKey(
        AreaStore, on_delete=models.RESTRICT, related_name="+", null=True, blank=True
    )
    all_stores = models.BooleanField(default=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.store_id or self.area_id)

    @property
    def place(self) -> Place:
        """The place as access is reckoned with."""
        return Place(self.area_id, self.store_id, self.all_stores)


#: An assignment to one store is none to all of them.
ONE_LEVEL = Q(store=None) | Q(all_stores=False)


class KeyAssignment(Assignment):
    """Where a restricted key reaches."""

    key = models.ForeignKey(
        ApiKey, on_delete=models.CASCADE, related_name="assignments"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "area", "store", "all_stores"],
                name="key_once_in_a_place",
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="key_place_is_one_level", condition=ONE_LEVEL),
        ]
