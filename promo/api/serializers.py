"""Bases of what comes in and what goes out."""

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import empty


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
        return self._parsed(data)

    def _parsed(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of ``data`` as DRF does; what is not sent costs nothing."""
        parsed: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        is_partial = getattr(self.root, "partial", False)
        for name, field, is_optional in self._plan:
            value = data.get(name, empty)
            if value is empty and (is_optional or is_partial):
                continue
            try:
                parsed[name] = field.run_validation(value)
            except ValidationError as refused:
                errors[name] = refused.detail
        if errors:
            raise ValidationError(errors)
        return parsed

    @cached_property
    def _plan(self) -> list[tuple[str, Any, bool]]:
        """The fields that come in, and whether each may be missing without a word."""
        return [
            (name, field, not field.required and field.default is empty)
            for name, field in self.fields.items()
            if not field.read_only
        ]

    def run_validators(self, value: Any) -> None:
        """Ask the validators of the whole object, where it has any."""
        if self.validators:
            super().run_validators(value)

    def fail_as_whole(self, code: str) -> None:
        """Refuse the object itself.

        Raises:
            ValidationError: always.
        """
        raise ValidationError([ErrorDetail(str(self.error_messages[code]), code)])

    def _sent(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        if None not in data.values():
            return data
        told = self._told_of_null
        return {
            name: value
            for name, value in data.items()
            if value is not None or name in told
        }

    def _require(self, data: Mapping[str, Any]) -> None:
        for name in self._required:
            if name not in data:
                raise ValidationError({name: [ErrorDetail("missing", "required")]})

    @cached_property
    def _required(self) -> list[str]:
        return [
            name
            for name, field in self.fields.items()
            if field.required and not field.read_only
        ]

    @cached_property
    def _told_of_null(self) -> frozenset[str]:
        """The fields that null means something for, or that refuse it."""
        return frozenset(
            name
            for name, field in self.fields.items()
            if field.required or field.allow_null
        )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the object as it goes out."""
        shown: dict[str, Any] = super().to_representation(instance)
        for name in self.without_null:
            if name in shown and shown[name] is None:
                del shown[name]
        return shown
