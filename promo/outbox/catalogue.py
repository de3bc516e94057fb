"""The one catalogue of events: what every app declares, put together.

Activity feeds, webhooks, the page of events and the AsyncAPI document read it.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from django.conf import settings

from promo.outbox import shapes
from promo.outbox.declaring import Audience, EventType
from promo.outbox.shapes import Schema

#: Shapes that no app owns.
_PLAIN: Mapping[str, Schema] = {
    "moment": shapes.MOMENT,
    "count": shapes.WHOLE,
    "anything": shapes.FREE,
}


@cache
def event_types() -> Mapping[str, EventType]:
    """Return every type of event by its name, in the order of their declaration.

    Raises:
        ValueError: a type is declared twice.
    """
    found: dict[str, EventType] = {}
    for declared in _declarations():
        for each in declared.EVENTS:
            if each.name in found:
                msg = f"{each.name} is declared twice"
                raise ValueError(msg)
            found[each.name] = each
    return MappingProxyType(found)


@cache
def object_shapes() -> Mapping[str, Schema]:
    """Return the schema of every object that events carry, by name."""
    found = dict(_PLAIN)
    for declared in _declarations():
        found |= declared.SHAPES
    return MappingProxyType(found)


@cache
def heard_by(audience: Audience) -> tuple[str, ...]:
    """Return the names of the types that ``audience`` hears, planned ones too."""
    return tuple(
        name for name, each in event_types().items() if audience in each.audience
    )


@cache
def webhook_events() -> tuple[str, ...]:
    """Return what a project's webhook may ask for: the project's events and ours."""
    return (*heard_by(Audience.PROJECT), *heard_by(Audience.OWN))


def data_schema(event_type: EventType, *, shapes_at: str) -> dict[str, Any]:
    """Return the JSON Schema of an event's data.

    ``shapes_at`` is where the schemas of the objects stand, such as ``#/$defs``.
    """
    properties = {
        key.name: _nullable({"$ref": f"{shapes_at}/{key.shape}"}, nullable=key.nullable)
        for key in event_type.data
    }
    required = [key.name for key in event_type.data if not key.nullable]
    return {"type": "object", "required": required, "properties": properties}


def _nullable(schema: Schema, *, nullable: bool) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]} if nullable else schema


def _declarations() -> list[Any]:
    return [import_module(name) for name in settings.EVENT_CATALOGUES]
