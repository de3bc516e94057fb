"""Strict field types: JSON's own types, nothing coerced.

Messages complete the sentence ``Property .name …``; ``promo.api.problems`` puts
the path in front. Integers stay within ``bigint``, text has no NUL, dates exist.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from promo.clock import isoformat

BIGINT = 2**63 - 1
INTEGER = 2**31 - 1
NO_MOMENT = "cannot be recognized as a ISO-8601 compliant date"


class Text(serializers.Field[str, Any, str, Any]):
    """A string of ``shortest`` to ``longest`` characters."""

    default_error_messages = {
        "type": "must be string",
        "null": "must be string",
        "nul": "must not contain NUL characters",
        "short": "must NOT have fewer than {limit} characters",
        "long": "must NOT have more than {limit} characters",
    }

    def __init__(self, *, shortest: int = 0, longest: int = 10_000, **options: Any):
        self.shortest, self.longest = shortest, longest
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        """Return ``data`` if it is text of the right length."""
        if not isinstance(data, str):
            self.fail("type")
        if "\0" in data:
            self.fail("nul")
        if len(data) < self.shortest:
            self.fail("short", limit=self.shortest)
        if len(data) > self.longest:
            self.fail("long", limit=self.longest)
        return data

    def to_representation(self, value: str) -> str:
        """Return the text."""
        return str(value)


class Choice(Text):
    """One of a closed list of strings."""

    default_error_messages = {
        "choice": "must be equal to one of the allowed values [ {allowed} ]"
    }

    def __init__(self, choices: Sequence[str], **options: Any):
        self.choices = tuple(choices)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        """Return ``data`` if it is listed."""
        text = super().to_internal_value(data)
        if text not in self.choices:
            self.fail("choice", allowed=", ".join(self.choices))
        return text


class WholeNumber(serializers.Field[int, Any, int, Any]):
    """An integer; ``1.0`` is one, ``"1"`` and ``true`` are not."""

    default_error_messages = {
        "type": "must be integer",
        "null": "must be integer",
        "least": "must be >= {limit}",
        "most": "must be <= {limit}",
    }

    def __init__(self, *, least: int = -INTEGER, most: int = INTEGER, **options: Any):
        self.least, self.most = least, most
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        """Return ``data`` if it is whole and within bounds."""
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("type")
        if isinstance(data, float) and not data.is_integer():
            self.fail("type")
        number = int(data)
        if number < self.least:
            self.fail("least", limit=self.least)
        if number > self.most:
            self.fail("most", limit=self.most)
        return number

    def to_representation(self, value: int) -> int:
        """Return the number."""
        return int(value)


class Amount(WholeNumber):
    """Minor currency units, from 0 to the largest ``bigint``."""

    def __init__(self, *, least: int = 0, most: int = BIGINT, **options: Any):
        super().__init__(least=least, most=most, **options)


class Number(serializers.Field[Decimal, Any, int | float, Any]):
    """A number with at most ``places`` decimals, as ``Decimal``."""

    default_error_messages = {
        "type": "must be number",
        "null": "must be number",
        "least": "must be >= {limit}",
        "most": "must be <= {limit}",
        "places": "must be a multiple of {step}",
    }

    def __init__(
        self, *, least: int = 0, most: int = BIGINT, places: int = 2, **options: Any
    ):
        self.least, self.most, self.places = least, most, places
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Decimal:
        """Return ``data`` as it was written, if within bounds."""
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("type")
        number = Decimal(str(data))
        if number < self.least:
            self.fail("least", limit=self.least)
        if number > self.most:
            self.fail("most", limit=self.most)
        step = Decimal(1).scaleb(-self.places)
        if number % step:
            self.fail("places", step=step)
        return number

    def to_representation(self, value: Decimal) -> int | float:
        """Return a JSON number, without a fraction where it is whole."""
        whole = value == value.to_integral_value()
        return int(value) if whole else float(value)


class Flag(serializers.Field[bool, Any, bool, Any]):
    """``true`` or ``false``."""

    default_error_messages = {"type": "must be boolean", "null": "must be boolean"}

    def to_internal_value(self, data: Any) -> bool:
        """Return ``data`` if it is a boolean."""
        if not isinstance(data, bool):
            self.fail("type")
        return data

    def to_representation(self, value: bool) -> bool:  # noqa: FBT001 - DRF's signature
        """Return the boolean."""
        return bool(value)


@extend_schema_field({"type": "object", "additionalProperties": {}})
class JsonObject(serializers.Field[dict[str, Any], Any, Any, Any]):
    """A JSON object of any content."""

    default_error_messages = {"type": "must be object", "null": "must be object"}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return ``data`` if it is an object."""
        if not isinstance(data, dict):
            self.fail("type")
        return data

    def to_representation(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return the object."""
        return dict(value)


@extend_schema_field({})
class JsonValue(serializers.Field[Any, Any, Any, Any]):
    """Any JSON value; the service behind judges it."""

    def to_internal_value(self, data: Any) -> Any:
        """Return ``data``."""
        return data

    def to_representation(self, value: Any) -> Any:
        """Return the value."""
        return value


@extend_schema_field(OpenApiTypes.DATETIME)
class Moment(serializers.Field[datetime, Any, str, Any]):
    """An ISO 8601 date or date-time, as an aware moment in UTC."""

    default_error_messages = {"type": "must be string", "null": "must be string"}
    default_error_messages["moment"] = NO_MOMENT

    def to_internal_value(self, data: Any) -> datetime:
        """Return the moment ``data`` names."""
        if not isinstance(data, str):
            self.fail("type")
        moment = moment_or_none(data)
        if moment is None:
            self.fail("moment")
        return moment

    def to_representation(self, value: datetime) -> str:
        """Return the moment as the API writes it."""
        return isoformat(value)


@extend_schema_field(OpenApiTypes.DATE)
class Day(serializers.Field[date, Any, str, Any]):
    """An ISO 8601 date; a date-time counts for its date."""

    default_error_messages = {"type": "must be string", "null": "must be string"}
    default_error_messages["day"] = NO_MOMENT

    def to_internal_value(self, data: Any) -> date:
        """Return the day ``data`` names."""
        if not isinstance(data, str):
            self.fail("type")
        day = day_or_none(data)
        if day is None:
            self.fail("day")
        return day

    def to_representation(self, value: date) -> str:
        """Return the day as ``YYYY-MM-DD``."""
        return value.isoformat()


class ListOf(serializers.ListField):
    """An array whose items all have one type, ``fewest`` to ``most`` of them."""

    default_error_messages = {
        "not_a_list": "must be array",
        "null": "must be array",
        "max_length": "must NOT have more than {max_length} items",
        "min_length": "must NOT have fewer than {min_length} items",
    }

    def __init__(
        self,
        child: serializers.Field[Any, Any, Any, Any],
        *,
        fewest: int = 0,
        most: int = 1_000,
        **options: Any,
    ):
        super().__init__(child=child, **options)
        self.fewest, self.most = fewest, most

    def to_internal_value(self, data: Any) -> list[Any]:
        """Return the items, each parsed."""
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        if len(data) < self.fewest:
            self.fail("min_length", min_length=self.fewest)
        if len(data) > self.most:
            self.fail("max_length", max_length=self.most)
        parsed: list[Any] = super().to_internal_value(data)
        return parsed


class MapOf(serializers.DictField):
    """An object of any keys whose values all have one type."""

    default_error_messages = {"not_a_dict": "must be object", "null": "must be object"}

    def __init__(self, child: serializers.Field[Any, Any, Any, Any], **options: Any):
        super().__init__(child=child, **options)


def moment_or_none(text: str) -> datetime | None:
    """Return the moment an ISO 8601 text names, None when it names none.

    A date means midnight UTC, a time without offset is UTC.
    """
    try:
        moment = _parse(text)
        if moment is None:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day_or_none(text: str) -> date | None:
    """Return the day an ISO 8601 date or date-time names as written."""
    try:
        moment = _parse(text)
    except ValueError:
        return None
    return None if moment is None else moment.date()


def _parse(text: str) -> datetime | None:
    day = parse_date(text)
    if day is not None:
        return datetime.combine(day, time(), UTC)
    return parse_datetime(text.upper())
