"""Metadata schemas: what a project lets metadata hold."""

from typing import Self

from django.db import models

from promo.ids import PrefixedIdField, parse_or_none
from promo.metadata_schemas.engine.definitions import Schema, stored_definition
from promo.tenancy.models import Project

ID_PREFIX = "ms_"


class MetadataSchemaQuerySet(models.QuerySet["MetadataSchema"]):
    """Schemas, as the rest of the house asks for them."""

    def by_reference(self, reference: str) -> Self:
        """The schema with this id, or else the one of this resource."""
        if parse_or_none(ID_PREFIX, reference) is None:
            return self.filter(related_object=reference)
        named = models.Q(pk=reference) | models.Q(related_object=reference)
        is_named = models.Case(models.When(pk=reference, then=0), default=1)
        return self.filter(named).order_by(is_named)


MetadataSchemaManager = models.Manager.from_queryset(MetadataSchemaQuerySet)


class MetadataSchema(models.Model):
    """The definitions of one resource, or of the objects nested in another's.

    ``properties`` maps a key to its definition, by the names of the management API;
    what is not set is left out. ``allow_defined_only`` refuses keys without one.

    Source: data specification, "Metadata schemas".
    """

    id = PrefixedIdField(ID_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="metadata_schemas"
    )
    related_object = models.CharField("resource", max_length=255)
    properties = models.JSONField(default=dict, blank=True)
    allow_defined_only = models.BooleanField("defined keys only", null=True, blank=True)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MetadataSchemaManager()

    class Meta:
        ordering = ["related_object", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "related_object"], name="one_schema_per_resource"
            )
        ]

    def __str__(self) -> str:
        return self.related_object

    @property
    def schema(self) -> Schema:
        """The definitions as the engine reads them."""
        return Schema(
            related_object=self.related_object,
            definitions={
                key: stored_definition(each) for key, each in self.properties.items()
            },
            defined_only=bool(self.allow_defined_only),
        )
