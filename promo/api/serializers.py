"""Bases of what comes in and what goes out."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError


class ApiSerializer(serializers.Serializer[Any]):
    """Fields of a JSON object; unknown ones are ignored.

    Going out, the keys in ``without_null`` are left out where they are null. Coming
    in, null for an optional field of a whole body (not of a partial one) is as good
    as not sent. A nested object is always whole: in a partial body its own required
    fields stay required.
    """

    without_null: ClassVar[Collection[str]] = ()
    default_error_messages = {
        "invalid": "must be object",
        "null": "must be object",
    }

    def to_internal_value(self, data: Any) -> Any:
        """Return the parsed fields of ``data``.

        Raises:
            ValidationError: a field is missing or wrong.
        """
        if not isinstance(data, Mapping):
            self.fail_as_whole("invalid")
        if not self.partial:
            data = self._sent(data)
        if self.parent is not None:
            self._require(data)
        return super().to_internal_value(data)

    def fail_as_whole(self, code: str) -> None:
        """Refuse the object itself.

        Raises:
            ValidationError: always.
        """
        raise ValidationError([ErrorDetail(str(self.error_messages[code]), code)])

    def _sent(self, data: Mapping[str, Any]) -> dict[str, Any]:
        fields = self.fields
        return {
            name: value
            for name, value in data.items()
            if value is not None
            or (name in fields and (fields[name].required or fields[name].allow_null))
        }

    def _require(self, data: Mapping[str, Any]) -> None:
        for name, field in self.fields.items():
            if field.required and not field.read_only and name not in data:
                raise ValidationError({name: [ErrorDetail("missing", "required")]})

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the object as it goes out."""
        shown: dict[str, Any] = super().to_representation(instance)
        for name in self.without_null:
            if name in shown and shown[name] is None:
                del shown[name]
        return shown
