"""Metadata schemas as the API shows them.

Source: data specification, "Metadata schemas, Resources and storage".
"""

from typing import Any

from promo.clock import isoformat
from promo.metadata_schemas.engine.parsing import CAMEL
from promo.metadata_schemas.models import MetadataSchema


def schema_as_json(schema: MetadataSchema) -> dict[str, Any]:
    """Return a schema with the names of the management API."""
    return {
        "id": schema.pk,
        "related_object": schema.related_object,
        "properties": schema.properties,
        "allow_defined_only": schema.allow_defined_only,
        "created_at": isoformat(schema.created_at),
        "updated_at": isoformat(schema.updated_at) if schema.updated_at else None,
        "object": "metadata_schema",
    }


def schema_as_v1_json(schema: MetadataSchema) -> dict[str, Any]:
    """Return a schema with the camel-case names of version 1."""
    properties = {
        key: {CAMEL.get(name, name): value for name, value in definition.items()}
        for key, definition in schema.properties.items()
    }
    return {**schema_as_json(schema), "properties": properties}
