"""Metadata schemas for tests."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from promo.metadata_schemas.models import MetadataSchema
from promo.metadata_schemas.services import create_metadata_schema
from promo.tenancy import credentials
from promo.tenancy.models import Project
from tests.factories.tenancy import NOW, ProjectFactory


class MetadataSchemaFactory(DjangoModelFactory[MetadataSchema]):
    """A schema of nested objects; it has no effect on what a project stores."""

    class Meta:
        model = MetadataSchema

    project = factory.SubFactory(ProjectFactory)
    related_object = factory.Sequence(lambda n: f"Parcel {n}")
    properties = {
        "weight": {
            "type": "number",
            "array": False,
            "optional": True,
            "object_type": None,
        }
    }
    created_at = NOW


def define(
    project: Project, resource: str, *, strict: bool = False, **properties: Any
) -> MetadataSchema:
    """Give a resource of ``project`` these definitions, as a caller does.

    A test's transaction never commits, so keys are forgotten here.
    """
    made = create_metadata_schema(
        project=project,
        now=NOW,
        related_object=resource,
        properties=properties,
        allow_defined_only=strict,
    )
    project.refresh_from_db()
    credentials.forget()
    return made
