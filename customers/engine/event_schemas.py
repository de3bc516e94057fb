"""What the metadata of a custom event may hold.

A definition says less than one of other metadata: a type, whether the key must be
there, and whether it was taken away. Unlike there the type may change.

Source: data specification, "Custom events and their schemas".
"""

from collections.abc import Mapping
from typing import Any

from promo.errors import InvalidPayload, MetadataRefused
from promo.metadata_schemas.engine.checking import check
from promo.metadata_schemas.engine.definitions import (
    MOST_DEFINITIONS,
    Definition,
    Schema,
)
from promo.metadata_schemas.engine.parsing import check_key, parse_definition

Json = dict[str, Any]
TYPES = ("string", "number", "date", "datetime", "boolean")
PATH = ".schema.properties"
_PARTS = ("type", "optional", "deleted")


def changed_properties(
    stored: Mapping[str, Json], sent: Mapping[str, Any]
) -> dict[str, Json]:
    """Return the definitions of an event after ``sent`` came in.

    What is not sent stays, what is sent is replaced as a whole; parts that events do
    not have are passed over.

    Raises:
        InvalidPayload: a definition of another shape or type, or too many of them.
    """
    properties = dict(stored)
    for key, body in sent.items():
        path = f"{PATH}.{key}"
        check_key(key, path)
        properties[key] = _as_stored(_definition(body, path))
    if len(properties) > MOST_DEFINITIONS:
        raise InvalidPayload(
            f"Property {PATH} must NOT have more than {MOST_DEFINITIONS} items"
        )
    return properties


def _definition(body: Any, path: str) -> Definition:
    if isinstance(body, Mapping):
        body = {part: body[part] for part in _PARTS if part in body}
    return parse_definition(body, path, TYPES)


def _as_stored(definition: Definition) -> Json:
    shown: Json = {"type": definition.type, "optional": definition.optional}
    return shown | ({"deleted": True} if definition.deleted else {})


def schema_of(name: str, properties: Mapping[str, Json]) -> Schema:
    """Return stored definitions as metadata are checked by."""
    definitions = {key: Definition(**each) for key, each in properties.items()}
    return Schema(related_object=name, definitions=definitions)


def check_metadata(schema: Schema, metadata: Mapping[str, Any]) -> None:
    """Refuse metadata that an event must not have; undeclared keys are welcome.

    Raises:
        MetadataRefused: naming all that is wrong.
    """
    checked = check(metadata, schema, {}, result=metadata)
    if checked.problems:
        raise MetadataRefused("; ".join(checked.problems))
