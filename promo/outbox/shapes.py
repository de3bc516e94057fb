"""Writing down what the objects inside events look like, as JSON Schema.

Objects may always gain fields: what is not named here is allowed.
"""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
WHOLE: Schema = {"type": "integer"}
WHOLE_OR_NULL: Schema = {"type": ["integer", "null"]}
FLAG: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
MOMENT_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
FREE: Schema = {"type": "object"}
FREE_OR_NULL: Schema = {"type": ["object", "null"]}
LIST: Schema = {"type": "array"}
TEXTS: Schema = {"type": "array", "items": TEXT}


def thing(kind: str, /, **fields: Schema) -> Schema:
    """Return the schema of an object that has an id and says what it is.

    ``kind`` is the value of its ``object``; ``fields`` are those it may have beside.
    """
    return {
        "type": "object",
        "required": ["id", "object"],
        "properties": {"id": TEXT, "object": {"const": kind}, **fields},
    }


def record(*required: str, **fields: Schema) -> Schema:
    """Return the schema of an object with ``fields``, some of them ``required``."""
    schema: dict[str, Any] = {"type": "object", "properties": fields}
    return {**schema, "required": list(required)} if required else schema
