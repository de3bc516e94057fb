"""The OpenAPI document, drawn from the views."""

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema

from promo.api import fields

Schema = dict[str, Any]
ERROR_SCHEMA: Schema = {
    "type": "object",
    "required": ["code", "key", "message", "request_id"],
    "properties": {
        "code": {"type": "integer"},
        "key": {"type": "string"},
        "message": {"type": "string"},
        "details": {"type": "string"},
        "request_id": {"type": "string"},
        "resource_id": {"type": "string"},
        "resource_type": {"type": "string"},
    },
}
_ERRORS = {
    "400": "The request is malformed, or refused.",
    "401": "No valid credentials.",
    "403": "The key does not reach this.",
    "404": "No such thing in this project.",
    "409": "The identifier is taken.",
    "413": "The body is too large.",
    "415": "The body is no JSON.",
}


class ApiSchema(AutoSchema):
    """Adds the error answers that every operation shares."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Schema | None:
        """Return the operation with its error answers."""
        operation: Schema | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        content = {"application/json": {"schema": ERROR_SCHEMA}}
        for status, description in _ERRORS.items():
            answer = {"description": description, "content": content}
            operation["responses"].setdefault(status, answer)
        return operation


class ResourceSchema(ApiSchema):
    """Knows what a resource takes and answers."""

    view: Any

    def get_request_serializer(self) -> Any:
        """Return what reads the body; a command has none."""
        match self.view.action:
            case "create":
                return self.view.input_class
            case "update":
                return self.view.update_class or self.view.input_class
        return None

    def get_response_serializers(self) -> Any:
        """Return what the answer shows, by status."""
        match self.view.action:
            case "destroy":
                return None
            case "create":
                return {str(self.view.created_status): self.view.serializer_class}
        return {"200": self.view.serializer_class}

    def _is_list_view(self, serializer: Any = None) -> bool:
        return bool(self.view.action == "list")

    def _get_paginator(self) -> Any:
        return self.view.paginator if self.view.action == "list" else None

    def get_operation_id(self) -> str:
        """Return an id of its own for every command."""
        name: str = super().get_operation_id()
        return f"{name}_command" if self.view.action == "command" else name


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library registers subclasses
    """The base of the key pairs' descriptions; the id header stands for the pair."""

    header = ""

    def get_security_definition(self, auto_schema: Any) -> Schema:
        """Return the scheme."""
        return {"type": "apiKey", "in": "header", "name": self.header}


class ServerKeyScheme(KeyScheme):  # type: ignore[no-untyped-call]  # the library registers subclasses
    """``X-App-Id``, sent with ``X-App-Token``."""

    target_class = "promo.api.authentication.ServerKey"
    name = "X-App-Id"
    header = "X-App-Id"


class ClientKeyScheme(KeyScheme):  # type: ignore[no-untyped-call]  # the library registers subclasses
    """``X-Client-Application-Id``, sent with ``X-Client-Token``."""

    target_class = "promo.api.authentication.ClientKey"
    name = "X-Client-Application-Id"
    header = "X-Client-Application-Id"


class ManagementKeyScheme(KeyScheme):  # type: ignore[no-untyped-call]  # the library registers subclasses
    """``X-Management-Id``, sent with ``X-Management-Token``."""

    target_class = "promo.api.authentication.ManagementKey"
    name = "X-Management-Id"
    header = "X-Management-Id"


class TextSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # the library registers subclasses
    """Strings with their lengths and choices."""

    target_class = fields.Text
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        """Return the schema."""
        field = self.target
        schema: Schema = {"type": "string"}
        if direction == "response":
            return schema
        if field.shortest:
            schema["minLength"] = field.shortest
        if isinstance(field, fields.Choice):
            schema["enum"] = list(field.choices)
        else:
            schema["maxLength"] = field.longest
        return schema


class NumberSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # the library registers subclasses
    """Numbers with their bounds."""

    target_class: Any = fields.Number
    kind = "number"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        """Return the schema."""
        schema: Schema = {"type": self.kind}
        if direction == "request":
            schema |= {"minimum": self.target.least, "maximum": self.target.most}
        return schema


class WholeNumberSchema(NumberSchema):  # type: ignore[no-untyped-call]  # the library registers subclasses
    """Integers with their bounds."""

    target_class = fields.WholeNumber
    match_subclasses = True
    kind = "integer"


class FlagSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # the library registers subclasses
    """Booleans."""

    target_class = fields.Flag

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        """Return the schema."""
        return {"type": "boolean"}
