"""The part of the AsyncAPI document about Kafka: topics, records, and their headers.

Source: integrations specification, "The document".
"""

from typing import Any

from django.conf import settings

from promo.outbox import catalogue
from promo.outbox.declaring import EventType
from webhooks.engine.bus import topics
from webhooks.wire.bus import bus_events

Json = dict[str, Any]

_SHAPES = "#/components/schemas"
_VERSION = "0.5.0"
_TEXT: Json = {"type": "string"}
#: What the headers of a record of ours say, the one of data elsewhere apart.
_REQUIRED = {
    "ce_specversion": {"const": "1.0"},
    "ce_id": {**_TEXT, "description": "The event's id: drop what arrives twice by it"},
    "ce_type": _TEXT,
    "ce_source": _TEXT,
    "ce_time": {"type": "string", "format": "date-time"},
    "ce_partitionkey": {**_TEXT, "description": "The key, by which order holds"},
    "ce_sequence": {**_TEXT, "description": "Grows within a key, compared as text"},
    "ce_projectid": _TEXT,
    "ce_dataschema": _TEXT,
}
_OPTIONAL = {
    "content-type": {"const": "application/json"},
    "ce_subject": {**_TEXT, "description": "The id of what the event is about"},
    "ce_traceparent": _TEXT,
    "ce_dataref": {**_TEXT, "description": "Where the data is that was too large"},
}
#: What is taken in, by kind: the operation of the REST API that takes the same body.
_INGESTED = {
    "customers": ("A customer with source_id", ["source_id"]),
    "orders": ("An order with source_id and its status", ["source_id"]),
    "products": ("A product with source_id, or a SKU", ["source_id"]),
    "events": ("A custom event of a customer", ["event", "customer"]),
}


def bus_types() -> list[EventType]:
    """Return the types that the bus tells, in the order of their declaration."""
    told = bus_events()
    return [each for name, each in catalogue.event_types().items() if name in told]


def channels() -> Json:
    """Return the topics: where events are told, and the four that are read."""
    types = bus_types()
    told: Json = {
        "kafkaEvents": {
            "address": settings.KAFKA_EVENTS_TOPIC,
            "title": "Events on Kafka",
            "parameters": _parameters(settings.KAFKA_EVENTS_TOPIC),
            "bindings": {"kafka": {"bindingVersion": _VERSION}},
            "messages": {each.name: _reference(f"bus.{each.name}") for each in types},
        }
    }
    for kind, (title, _) in _INGESTED.items():
        address = settings.KAFKA_INGEST_TOPIC.replace("{kind}", kind)
        told[f"kafkaIngest_{kind}"] = {
            "address": address,
            "title": title,
            "parameters": _parameters(address),
            "bindings": {"kafka": {"bindingVersion": _VERSION}},
            "messages": {kind: _reference(f"ingest.{kind}")},
        }
    return told


def operations() -> Json:
    """Return what is sent to the topics, and what is read from them."""
    told: Json = {
        "sendToKafka": {
            "action": "send",
            "channel": {"$ref": "#/channels/kafkaEvents"},
            "bindings": {"kafka": {"bindingVersion": _VERSION}},
        }
    }
    group = {"type": "string", "description": "promo-ingest- and the project's id"}
    for kind in topics.INGEST_KINDS:
        told[f"receiveFromKafka_{kind}"] = {
            "action": "receive",
            "channel": {"$ref": f"#/channels/kafkaIngest_{kind}"},
            "bindings": {"kafka": {"groupId": group, "bindingVersion": _VERSION}},
        }
    return told


def messages() -> Json:
    """Return the records: one for each type of event, and one for each kind read."""
    found = {f"bus.{each.name}": _event_message(each) for each in bus_types()}
    for kind, (title, _) in _INGESTED.items():
        found[f"ingest.{kind}"] = {
            "name": kind,
            "title": title,
            "contentType": "application/json",
            "payload": {"$ref": f"{_SHAPES}/ingest.{kind}"},
            "bindings": _record_bindings("What orders the records, as a source id"),
        }
    return found


def schemas() -> Json:
    """Return the schemas of the data, and of the headers."""
    found: Json = {
        f"bus.{each.name}": catalogue.data_schema(each, shapes_at=_SHAPES)
        for each in bus_types()
    }
    for kind, (_, required) in _INGESTED.items():
        found[f"ingest.{kind}"] = {"type": "object", "required": required}
    found["bus_headers"] = {
        "type": "object",
        "required": list(_REQUIRED),
        "properties": {**_REQUIRED, **_OPTIONAL},
    }
    return found


def _event_message(each: EventType) -> Json:
    planned = {"description": f"Told by nothing yet: {each.planned}"}
    kind = topics.type_name(settings.KAFKA_EVENTS_PREFIX, each.name)
    return {
        "name": kind,
        "title": each.name,
        "contentType": "application/json",
        "headers": {
            "allOf": [
                {"$ref": f"{_SHAPES}/bus_headers"},
                {"type": "object", "properties": {"ce_type": {"const": kind}}},
            ]
        },
        "payload": {"$ref": f"{_SHAPES}/bus.{each.name}"},
        "bindings": _record_bindings("The customer's id, else that of the thing"),
        **(planned if each.planned else {}),
    }


def _record_bindings(key: str) -> Json:
    described = {**_TEXT, "description": key}
    return {"kafka": {"key": described, "bindingVersion": _VERSION}}


def _parameters(address: str) -> Json:
    """Return what stands in braces in the name of a topic."""
    known: Json = {
        "project": {"description": "The project's id"},
        "aggregate": {"enum": list(topics.AGGREGATES)},
    }
    return {name: told for name, told in known.items() if f"{{{name}}}" in address}


def _reference(message: str) -> Json:
    return {"$ref": f"#/components/messages/{message}"}
