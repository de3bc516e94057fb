"""The AsyncAPI document: every message that receivers get, made of the catalogue.

Source: integrations specification, "The document".
"""

from collections.abc import Sequence
from typing import Any

from promo.outbox import catalogue
from promo.outbox.declaring import EventType
from webhooks.wire import bus_async_api

Json = dict[str, Any]

_SHAPES = "#/components/schemas"
_TEXT: Json = {"type": "string"}
_HEADERS: Json = {
    "type": "object",
    "required": [
        "x-voucherify-signature",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    ],
    "properties": {
        "x-voucherify-signature": {
            **_TEXT,
            "description": "HMAC-SHA256 of the body with the secret, hexadecimal",
        },
        "webhook-id": {**_TEXT, "description": "The id of the sendout"},
        "webhook-timestamp": {**_TEXT, "description": "Seconds since 1970, UTC"},
        "webhook-signature": {
            **_TEXT,
            "description": "v1 and base64 signatures, one for each valid secret",
        },
    },
}
_EVENT: Json = {
    "type": "object",
    "required": ["id", "type", "created_at", "entity_id", "group_id", "event_source"],
    "properties": {
        "id": {**_TEXT, "description": "The same in every sendout of the event"},
        "type": _TEXT,
        "created_at": {"type": "string", "format": "date-time"},
        "entity_id": _TEXT,
        "group_id": _TEXT,
        "event_source": {
            "type": "object",
            "required": ["channel"],
            "properties": {
                "channel": _TEXT,
                "user": {"type": "object"},
                "api_key": {"type": "object"},
            },
        },
    },
}
_SOURCE: Json = {
    "type": "object",
    "required": ["id", "object", "target_url"],
    "properties": {"id": _TEXT, "object": _TEXT, "target_url": _TEXT},
}


def document() -> Json:
    """Return the whole document, JSON throughout."""
    names = catalogue.webhook_events()
    types = [catalogue.event_types()[name] for name in names]
    told = (
        "What Promo tells the webhooks of a project and the event bus, and what it "
        "reads there."
    )
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Promo events", "version": "1.0.0", "description": told},
        "defaultContentType": "application/json",
        "channels": {
            "projectWebhooks": {
                "address": None,
                "title": "Project webhooks",
                "description": "The target URL of each webhook of a project.",
                "messages": {
                    each.name: {"$ref": f"#/components/messages/{each.name}"}
                    for each in types
                },
            },
            **bus_async_api.channels(),
        },
        "operations": {
            "sendToProjectWebhooks": _sending(types),
            **bus_async_api.operations(),
        },
        "components": {
            "messages": {
                **{each.name: _message(each) for each in types},
                **bus_async_api.messages(),
            },
            "schemas": {
                **catalogue.object_shapes(),
                **bus_async_api.schemas(),
                "webhook_headers": _HEADERS,
                "webhook_event": _EVENT,
                "webhook_source": _SOURCE,
            },
        },
    }


def _sending(types: Sequence[EventType]) -> Json:
    channel = "#/channels/projectWebhooks"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
        "messages": [{"$ref": f"{channel}/messages/{each.name}"} for each in types],
    }


def envelope_schema(event_type: EventType) -> Json:
    """Return the JSON Schema of a sendout's body; objects stand in the components."""
    return {
        "type": "object",
        "required": [
            *("id", "project_id", "created_at", "type", "data", "source", "event")
        ],
        "properties": {
            "id": {**_TEXT, "description": "The same in every retry"},
            "project_id": _TEXT,
            "created_at": {"type": "string", "format": "date-time"},
            "type": {"const": event_type.name},
            "data": catalogue.data_schema(event_type, shapes_at=_SHAPES),
            "source": {"$ref": f"{_SHAPES}/webhook_source"},
            "event": {"$ref": f"{_SHAPES}/webhook_event"},
        },
    }


def _message(each: EventType) -> Json:
    told = f"Told by nothing yet: {each.planned}" if each.planned else ""
    return {
        "name": each.name,
        "title": each.name,
        "contentType": "application/json",
        "headers": {"$ref": f"{_SHAPES}/webhook_headers"},
        "payload": envelope_schema(each),
        **({"description": told} if told else {}),
    }
