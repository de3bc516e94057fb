"""What one filter means in the database: operators and values to ``Q``."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import F, Q, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Lower
from django.db.models.lookups import Contains, EndsWith, Exact, In, IsNull, StartsWith

from promo.api.fields import BIGINT
from promo.api.query import moment_in
from promo.errors import InvalidQueryParams
from promo.filter_grammar import Condition
from promo.ids import parse_or_none

_MOST_DAYS = 100_000
# How JSON shows what is no text.
_NO_TEXT = re.compile(r"-?[0-9]|true\Z|false\Z|[{\[]")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_NEGATIVE = {"$is_not": "$is", "$not_in": "$in", "$not_contain": "$contains"}
_NULLS = {"$has_value": False, "$is_unknown": True}


class Column(ABC):
    """A filter's meaning; ``operators`` are the ones it takes."""

    operators: frozenset[str]

    def condition(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows that ``condition`` accepts.

        ``name`` is the filter as sent, ``path`` where it stands, for refusals.

        Raises:
            InvalidQueryParams: the operator or a value does not fit.
        """
        operator = condition.operator
        if operator not in self.operators:
            allowed = ", ".join(sorted(self.operators))
            raise InvalidQueryParams(
                f"Property {path} condition must be one of: {allowed}"
            )
        if operator in _NULLS:
            return self.is_null(name, null=_NULLS[operator])
        if operator in _NEGATIVE:
            positive = Condition(_NEGATIVE[operator], condition.values)
            found = self.matches(positive, name, path, now)
            return ~found | self.is_null(name, null=True)
        return self.matches(condition, name, path, now)

    @abstractmethod
    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows for which a positive condition holds."""

    @abstractmethod
    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the rows without a value, or those with one."""


@dataclass(frozen=True)
class LookupColumn(Column, ABC):
    """A column reached by an ORM lookup."""

    lookup: str

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the rows without a value, or those with one."""
        return Q(**{f"{self.lookup}__isnull": null})


_EQUALITY = frozenset(["$is", "$is_not", "$in", "$not_in", "$has_value", "$is_unknown"])
_TEXT = _EQUALITY | {"$starts_with", "$ends_with", "$contains", "$not_contain"}


@dataclass(frozen=True)
class TextColumn(LookupColumn):
    """Text; case counts unless it is ``caseless``."""

    caseless: bool = False
    operators = _TEXT

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows whose text fits any of the values."""
        text = Lower(F(self.lookup)) if self.caseless else F(self.lookup)
        values = [str(value) for value in condition.values]
        if self.caseless:
            values = [value.lower() for value in values]
        return text_condition(text, condition.operator, values)


@dataclass(frozen=True)
class ChoiceColumn(LookupColumn):
    """Text of a closed list."""

    choices: Sequence[str] = ()
    operators = _EQUALITY

    def checked(self, condition: Condition, path: str) -> list[str]:
        """Return the values that a condition names.

        Raises:
            InvalidQueryParams: one is none of the choices.
        """
        values = [str(value) for value in condition.values]
        if not set(values) <= set(self.choices):
            allowed = f"[ {', '.join(self.choices)} ]"
            raise InvalidQueryParams(
                f"Property {path} must be equal to one of the allowed values {allowed}"
            )
        return values

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows with one of the values."""
        return Q(**{f"{self.lookup}__in": self.checked(condition, path)})


def text_condition(text: Any, operator: str, values: list[str]) -> Q:
    """Return the condition of the expression ``text`` fitting ``values``."""
    if operator == "$in":
        return Q(In(text, values)) if values else Q(pk__in=[])
    if operator == "$is":
        return Q(Exact(text, Value(values[0] if values else "")))
    test = {"$starts_with": StartsWith, "$ends_with": EndsWith, "$contains": Contains}
    found = Q()
    for value in values:
        found |= Q(test[operator](text, value))
    return found


@dataclass(frozen=True)
class IdColumn(LookupColumn):
    """A prefixed id; what has another shape is nobody's id."""

    prefix: str
    operators = _EQUALITY

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows with one of the ids."""
        values = (
            condition.values if condition.operator == "$in" else condition.values[:1]
        )
        ids = [value for value in values if parse_or_none(self.prefix, value)]
        return Q(**{f"{self.lookup}__in": ids})


_NUMBER_SIDES = {
    "$more_than": "gt",
    "$less_than": "lt",
    "$more_than_equal": "gte",
    "$less_than_equal": "lte",
}


@dataclass(frozen=True)
class NumberColumn(LookupColumn):
    """An integer column."""

    operators = _EQUALITY | set(_NUMBER_SIDES)

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows whose number compares as asked."""
        numbers = [_number(value, path) for value in condition.values]
        if condition.operator == "$in":
            return Q(**{f"{self.lookup}__in": numbers})
        side = _NUMBER_SIDES.get(condition.operator, "exact")
        return Q(**{f"{self.lookup}__{side}": numbers[0]}) if numbers else Q(pk__in=[])


def _number(value: Any, path: str) -> int:
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise InvalidQueryParams(f"Property {path} must be number") from error
    if not number.is_finite() or abs(number) > BIGINT or number != int(number):
        raise InvalidQueryParams(f"Property {path} must be integer")
    return int(number)


@dataclass(frozen=True)
class FlagColumn(LookupColumn):
    """A boolean column."""

    operators = _EQUALITY

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows whose flag is one of the values."""
        return Q(**{f"{self.lookup}__in": flags(condition, path)})


def flags(condition: Condition, path: str) -> list[bool]:
    """Return the booleans that a condition names.

    Raises:
        InvalidQueryParams: a value is neither ``true`` nor ``false``.
    """
    words = [str(value).lower() for value in condition.values]
    if not all(word in _FLAGS for word in words):
        raise InvalidQueryParams(f"Property {path} must be boolean")
    return [_FLAGS[word] for word in words]


@dataclass(frozen=True)
class MomentColumn(LookupColumn):
    """A moment; ``$more_than`` and ``$less_than`` are days ago."""

    operators = frozenset(
        ["$after", "$before", "$has_value", "$is_unknown", "$more_than", "$less_than"]
    )

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows whose moment lies on the side asked for."""
        sent = str(condition.value or "")
        if condition.operator in {"$after", "$before"}:
            side = "gt" if condition.operator == "$after" else "lt"
            return Q(**{f"{self.lookup}__{side}": moment_in(sent, path[1:])})
        days = _number(sent, path)
        if not 0 <= days <= _MOST_DAYS:
            raise InvalidQueryParams(f"Property {path} must be <= {_MOST_DAYS}")
        side = "lt" if condition.operator == "$more_than" else "gt"
        return Q(**{f"{self.lookup}__{side}": now - timedelta(days=days)})


@dataclass(frozen=True)
class MetadataColumn(LookupColumn):
    """A path below a JSON column: ``metadata.*``; values compare as text.

    An array fits when one of its texts does.
    """

    lookup: str = "metadata"
    operators = _TEXT

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows whose value below the path fits."""
        keys = self.keys(name)
        values = [str(value) for value in condition.values]
        if condition.operator not in {"$is", "$in"}:
            return text_condition(self._text(keys), condition.operator, values)
        found = Q(pk__in=[])
        for value in values if condition.operator == "$in" else values[:1] or [""]:
            found |= self._holds(keys, value)
        return found

    def _holds(self, keys: list[str], value: str) -> Q:
        """Return the rows with the text, alone or among others, found by an index.

        Only what might be shown of anything but a text is compared row by row.
        """
        alone, among = _nested(keys, value), _nested(keys, [value])
        inside = f"{self.lookup}__contains"
        found = Q(**{inside: alone}) | Q(**{inside: among})
        return found | self._shows(keys, value) if _NO_TEXT.match(value) else found

    def _shows(self, keys: list[str], value: str) -> Q:
        return Q(Exact(self._text(keys), Value(value)))

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the rows without a value below the path, or those with one."""
        return Q(IsNull(self._text(self.keys(name)), null))

    def keys(self, name: str) -> list[str]:
        """Return the path below the column that a filter's name stands for."""
        return name.split(".")[1:]

    def _text(self, keys: list[str]) -> Any:
        holder: Any = F(self.lookup)
        for key in keys[:-1]:
            holder = KeyTransform(key, holder)
        return KeyTextTransform(keys[-1], holder)


def _nested(keys: list[str], value: Any) -> Any:
    for key in reversed(keys):
        value = {key: value}
    return value


@dataclass(frozen=True)
class StateColumn(Column):
    """States that a row is in at a moment: ``$active=true`` and its kin."""

    states: Mapping[str, Callable[[datetime], Q]] = field(default_factory=dict)

    @property
    def operators(self) -> frozenset[str]:  # type: ignore[override]  # follows the states
        """The states' names."""
        return frozenset(self.states)

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows in the state, or with ``false`` those not in it."""
        state = self.states[condition.operator](now)
        # The documented form has no value: ``[$active]=`` asks for the state.
        sent = tuple(value for value in condition.values if value not in {"", None})
        asked = flags(Condition(condition.operator, sent), path)
        return state if all(asked) else ~state

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return nothing: a state is never unknown."""
        return Q(pk__in=[]) if null else Q()
