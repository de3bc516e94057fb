"""What filters mean below a JSON column: metadata, addresses, figures.

Values compare by their declared types, and without one by what the condition compares
them with; an array fits when one of its elements does. Nothing in the JSON can make a
statement fail: what is no number or no date fits nothing.

Source: data specification, "Filter grammar"; rules specification, "Coercion".
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    BooleanField,
    DateField,
    DateTimeField,
    F,
    Func,
    IntegerField,
    Q,
    Value,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThan, LessThan

from promo.api.columns import MetadataColumn
from promo.api.dated_columns import ALL_OF_DATES, DatedColumn, DayOf, MomentOf, days_in
from promo.calendar_windows import Calendar
from promo.comparison import Kind, as_number, as_text
from promo.errors import InvalidQueryParams
from promo.filter_grammar import NULL_OPERATORS, Condition

_COMPARISONS = {
    "$is": "==",
    "$in": "==",
    "$more_than": ">",
    "$less_than": "<",
    "$more_than_equal": ">=",
    "$less_than_equal": "<=",
}
_COUNTS = {"$count": Exact, "$count_more": GreaterThan, "$count_less": LessThan}
#: Tests of a text in jsonpath; the pattern of the last is the text and the end.
_TEXTS: Mapping[str, Callable[[str], str]] = {
    "$contains": lambda text: f'@ like_regex {json.dumps(text)} flag "q"',
    "$starts_with": lambda text: f"@ starts with {json.dumps(text)}",
    "$ends_with": lambda text: f"@ like_regex {json.dumps(re.escape(text) + '$')}",
}
_NUMBER = r"^[+-]?[0-9]{1,40}([.][0-9]{1,40})?$"
_DATE_KINDS = frozenset({Kind.DATE, Kind.DATETIME})
_EQUAL = frozenset({"$is", "$in"})

_DAY = r"(?!0000)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME = (
    r"([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?"
    r"(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)?)?"
)
# The day is added to the first of its month: 31 February is no error then.
_FIRST, _REST = "left(t, 8) || '01'", "(substr(t, 9, 2)::int - 1)"


class _Read(Func):
    """Text read as something, NULL where it does not look like it.

    The text is worked out once, whatever it takes.
    """

    shape = ""
    reading = ""

    @property
    def template(self) -> str:  # type: ignore[override]  # made of two parts
        """The statement around the text."""
        return f"""(SELECT CASE WHEN t ~ '^{self.shape}$' THEN {self.reading} END
            FROM (SELECT %(expressions)s AS t) AS read)"""  # noqa: S608 - our own texts


class _Moment(_Read):
    shape = _DAY + _TIME
    reading = f"({_FIRST} || substr(t, 11))::timestamptz + {_REST} * interval '1 day'"
    output_field = DateTimeField()


class _Day(_Read):
    shape = _DAY + _TIME
    reading = f"({_FIRST})::date + {_REST}"
    output_field = DateField()


class _PathExists(Func):
    """Whether a jsonpath finds anything; an array is looked through."""

    template = "jsonb_path_exists(%(expressions)s::jsonpath, '{}', true)"
    output_field = BooleanField()


class _Length(Func):
    """How many elements an array has: one for anything else, none for null."""

    template = """(SELECT CASE jsonb_typeof(j)
        WHEN 'array' THEN jsonb_array_length(j) WHEN 'null' THEN 0
        ELSE (j IS NOT NULL)::int END FROM (SELECT %(expressions)s AS j) AS read)"""
    output_field = IntegerField()


def json_text(column: str, keys: Sequence[str]) -> Any:
    """Return the text at a path: of a scalar its value, else JSON.

    A literal key with dots goes first.
    """
    holder: Any = F(column)
    for key in keys[:-1]:
        holder = KeyTransform(key, holder)
    below = KeyTextTransform(keys[-1], holder)
    if len(keys) == 1:
        return below
    return Coalesce(KeyTextTransform(".".join(keys), F(column)), below)


@dataclass(frozen=True)
class JsonColumn(MetadataColumn):
    """Any path below a JSON column, by every operator but those about places.

    ``kinds`` are the declared types by path.
    """

    calendar: Calendar = field(kw_only=True)
    kinds: Mapping[str, Kind] = field(default_factory=dict, kw_only=True)
    operators = MetadataColumn.operators | ALL_OF_DATES | frozenset(_COUNTS)

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows whose value at the path fits."""
        keys = self.keys(name)
        operator, kind = condition.operator, self.kinds.get(".".join(keys))
        if operator in _COUNTS:
            return self._count(condition, keys, path)
        if operator in _COMPARISONS and _is_of_numbers(condition, kind):
            return self._compare(condition, keys, path, kind)
        if self._is_of_dates(condition, kind):
            return self._dated(keys, kind).matches(condition, name, path, now)
        if operator in _TEXTS:
            return self._has(keys, [_TEXTS[operator](v) for v in _as_texts(condition)])
        if operator not in _EQUAL:
            raise InvalidQueryParams(f"Property {path} must be number")
        return self._is(condition, name, path, now)

    def _text(self, keys: list[str]) -> Any:
        return json_text(self.lookup, keys)

    def _is_of_dates(self, condition: Condition, kind: Kind | None) -> bool:
        operator = condition.operator
        if operator in MetadataColumn.operators - NULL_OPERATORS:
            return operator in _EQUAL and kind in _DATE_KINDS
        if operator in _COMPARISONS and kind not in _DATE_KINDS:
            return kind is None and as_number(condition.value) is None
        return operator in ALL_OF_DATES

    def _dated(self, keys: Sequence[str], kind: Kind | None) -> DatedColumn:
        text = json_text(self.lookup, keys)
        if kind == Kind.DATE:
            return DayOf(_Day(text), self.calendar)
        return MomentOf(_Moment(text), self.calendar)

    def _holds(self, keys: list[str], value: str) -> Q:
        """Return the rows with the text; a literal key with dots may hold it too."""
        return super()._holds(keys, value) | self._shows(keys, value)

    def _is(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows whose text is one of the values, or whose number is."""
        meant = Condition(condition.operator, tuple(_as_texts(condition)))
        found = super().matches(meant, name, path, now)
        values = meant.values if meant.operator == "$in" else meant.values[:1]
        numbers = [number for v in values if (number := as_number(v)) is not None]
        return found | self._has(self.keys(name), [_number("==", n) for n in numbers])

    def _compare(
        self, condition: Condition, keys: Sequence[str], path: str, kind: Kind | None
    ) -> Q:
        sign, values = _COMPARISONS[condition.operator], condition.values
        tests = []
        for value in values if condition.operator == "$in" else values[:1]:
            number = as_number(value)
            if number is None:
                raise InvalidQueryParams(f"Property {path} must be number")
            tests.append(_number(sign, number))
            if kind is None:
                tests.append(_no_number(sign, as_text(value) or ""))
        return self._has(keys, tests)

    def _has(self, keys: Sequence[str], tests: Sequence[str]) -> Q:
        """Return the rows with a value at the path for which one of the tests holds."""
        nested = "".join(f".{json.dumps(key)}" for key in keys)
        literal = f".{json.dumps('.'.join(keys))}"
        found = Q(pk__in=[])
        for at in dict.fromkeys((literal, nested)):
            for test in tests:
                path = Value(f"${at} ? ({test})")
                found |= Q(_PathExists(F(self.lookup), path))
        return found

    def _count(self, condition: Condition, keys: Sequence[str], path: str) -> Q:
        holder: Any = F(self.lookup)
        for key in keys:
            holder = KeyTransform(key, holder)
        length = Coalesce(_Length(holder), Value(0))
        wanted = Value(days_in(condition.value, path))
        return Q(_COUNTS[condition.operator](length, wanted))


def _as_texts(condition: Condition) -> list[str]:
    return [as_text(value) or str(value) for value in condition.values]


def _number(sign: str, number: Decimal) -> str:
    return f"@.double() {sign} {number:f}"


def _no_number(sign: str, text: str) -> str:
    """Return the test of a text that is no number, compared as text."""
    is_text = f'@.type() == "string" && !(@ like_regex {json.dumps(_NUMBER)})'
    return f"{is_text} && @ {sign} {json.dumps(text)}"


def _is_of_numbers(condition: Condition, kind: Kind | None) -> bool:
    if kind == Kind.NUMBER:
        return True
    if condition.operator in _EQUAL:
        return False
    return kind not in _DATE_KINDS and as_number(condition.value) is not None
