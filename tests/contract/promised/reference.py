"""The reference's schemas of answers, read from ``reference.json``, and what we add.

``reference.json`` holds facts of the public OpenAPI documents: of each operation its
success statuses and the schema of each answer, with names, types, enumerations, what
is required and what may be null. A field that a schema does not name is refused.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from tests.contract.promised.deviations import (
    DEVIATIONS,
    MORE_OF_EVENTS,
    NEEDED_IN_EVENTS,
    OPERATIONS_OF_OURS,
    SHAPES,
)

Schema = dict[str, Any]
TEXT = "text"
_HERE = "#/$defs/"
_WHOLE = ("allOf", "anyOf")
#: Stands beside the body of an entry of an activity.
_SOURCE = "event_source"


@cache
def _document() -> Any:
    return json.loads((Path(__file__).parent / "reference.json").read_text())


#: Operation → status → name of its schema, None where there is no body.
OPERATIONS: Mapping[str, Mapping[str, str | None]] = {
    **_document()["operations"],
    **OPERATIONS_OF_OURS,
}
#: Type of an entry of a customer's activity → names in its body, and which must be.
EVENTS: Mapping[str, Mapping[str, list[str]]] = _document()["events"]
#: Type of an asynchronous action → name of the schema of its result.
RESULTS: Mapping[str, str] = _document()["results"]


def broken(name: str, answer: Any) -> list[str]:
    """Return how ``answer`` breaks the schema: where, and what is wrong there."""
    return [
        f"{'.'.join(map(str, error.instance_path))}: {error.message}"
        for error in _validator(name).iter_errors(answer)
    ]


def broken_event(kind: str, data: Mapping[str, Any]) -> list[str]:
    """Return which parts the body of an entry lacks, and which nobody promised.

    What is within the parts is the contract of webhooks.
    """
    promised = EVENTS[kind]
    more = MORE_OF_EVENTS.get(kind, ())
    unknown = data.keys() - {*promised["fields"], *more, _SOURCE}
    needed = NEEDED_IN_EVENTS.get(kind, ())
    missing = {*promised["required"], *needed, _SOURCE} - data.keys()
    return [
        *(f"{kind}: {name} is not promised" for name in sorted(unknown)),
        *(f"{kind}: {name} is missing" for name in sorted(missing)),
    ]


@cache
def _validator(name: str) -> Any:
    found = {"$ref": _HERE + name, "$defs": _closed_schemas()}
    return jsonschema_rs.Draft202012Validator(
        {**found, "unevaluatedProperties": False}
        if _names_fields(found, ours())
        else found,
        validate_formats=True,
    )


def schemas_of_the_reference() -> dict[str, Schema]:
    """Return the schemas as they are, and those of ours beside them."""
    return {**_document()["schemas"], **SHAPES}


@cache
def ours() -> Mapping[str, Schema]:
    """Return the schemas as the specification has them."""
    schemas = schemas_of_the_reference()
    for deviation in DEVIATIONS:
        schemas[deviation.schema] = deviation.applied(schemas[deviation.schema])
    return schemas


@cache
def _closed_schemas() -> Mapping[str, Schema]:
    return {name: _inner(schema) for name, schema in ours().items()}


def _inner(schema: Any) -> Any:
    """Return ``schema`` with the places of values below it closed."""
    if not isinstance(schema, dict):
        return schema
    found = dict(schema)
    if "properties" in schema:
        found["properties"] = {k: _place(v) for k, v in schema["properties"].items()}
    for name in ("items", "additionalProperties"):
        if name in schema:
            found[name] = _place(schema[name])
    for name in _WHOLE:
        if name in schema:
            found[name] = [_inner(part) for part in schema[name]]
    return found


def _place(schema: Any) -> Any:
    """Return the schema of a value, which holds no field but those named."""
    inner = _inner(schema)
    if isinstance(schema, dict) and _names_fields(schema, ours()):
        return {**inner, "unevaluatedProperties": False}
    return inner


def _names_fields(schema: Schema, schemas: Mapping[str, Schema]) -> bool:
    return any("properties" in part for part in _parts(schema, schemas))


def _parts(schema: Schema, schemas: Mapping[str, Schema]) -> Iterator[Schema]:
    """Yield the schemas that a value at this place is held against."""
    yield schema
    if "$ref" in schema:
        yield from _parts(schemas[schema["$ref"].removeprefix(_HERE)], schemas)
    for name in _WHOLE:
        for part in schema.get(name, ()):
            yield from _parts(part, schemas)
