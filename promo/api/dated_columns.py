"""What the operators about dates mean in the database, all of them.

Each answers as ``promo.filter_grammar.matching`` does for one value in memory: days
and windows are those of the project's calendar.

Source: data specification, "Filter grammar".
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import (
    ExtractDay,
    ExtractMonth,
    ExtractWeekDay,
    ExtractYear,
)
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
)

from promo.api.columns import Column
from promo.api.fields import NO_MOMENT, day_or_none
from promo.api.query import moment_in
from promo.calendar_windows import Calendar, window
from promo.comparison import DATE_LENGTH, Kind, as_number, midnight
from promo.errors import InvalidQueryParams
from promo.filter_grammar import NULL_OPERATORS, WINDOW_OPERATORS, Condition
from promo.filter_grammar.matching import TESTS, Question

_MOST_DAYS = 100_000
_DAY = timedelta(days=1)
_MILLISECOND = timedelta(milliseconds=1)
_NOTHING = Q(pk__in=[])
#: A year that has every day a year can have.
_LEAP_YEAR = 2000
_YEARLESS = frozenset(name for name in TESTS if name.endswith("_md")) | {
    "$is_month",
    "$is_day_of_month",
}
_EQUAL = frozenset({"$is", "$is_not", "$in", "$not_in"})
_SIDES = frozenset({"$more_than", "$less_than", "$more_than_equal", "$less_than_equal"})
#: Days from today on which a date may lie, by an operator about a number of days.
_Days = tuple[int | None, int | None]
_DISTANCES: Mapping[str, Callable[[int], _Days]] = {
    "$is_days_ago": lambda days: (-days, -days),
    "$more_than_ago": lambda days: (None, -days - 1),
    "$less_than_ago": lambda days: (1 - days, 0),
    "$is_days_in_future": lambda days: (days, days),
    "$more_than_future": lambda days: (days + 1, None),
    "$less_than_future": lambda days: (0, days - 1),
    # Compared with a number, a date is so many days old.
    "$more_than": lambda days: (None, -days - 1),
    "$less_than": lambda days: (1 - days, None),
}
_PARTS = frozenset({"$is_day", "$is_year", "$is_years_ago"})
ALL_OF_DATES = frozenset(
    {"$after", "$before", *_DISTANCES, *_PARTS, *_YEARLESS, *_EQUAL, *_SIDES}
    | WINDOW_OPERATORS
    | NULL_OPERATORS
)


def days_in(value: Any, path: str) -> int:
    """Return the whole number of days that a condition names.

    Raises:
        InvalidQueryParams: it is none, or takes longer than history.
    """
    number = as_number(value)
    if number is None or number != int(number):
        raise InvalidQueryParams(f"Property {path} must be integer")
    if abs(number) > _MOST_DAYS:
        raise InvalidQueryParams(f"Property {path} must be <= {_MOST_DAYS}")
    return int(number)


@dataclass(frozen=True)
class DatedColumn(Column):
    """A date behind ``expression``, on the project's calendar."""

    expression: Any
    calendar: Calendar
    operators = ALL_OF_DATES

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows whose date fits."""
        operator = condition.operator
        if operator in {"$is", "$in"}:
            found = _NOTHING
            for value in condition.values:
                found |= self._equal(value, path)
            return found
        if operator in {"$after", "$before"}:
            side = GreaterThan if operator == "$after" else LessThan
            return self._beyond(side, condition.value, path)
        if operator in _YEARLESS:
            return self._in_days_of_the_year(operator, condition)
        if operator in WINDOW_OPERATORS:
            first, end = window(operator.removeprefix("$"), self.calendar)
            return self.between(first, end)
        if operator in _PARTS:
            return self._part(condition, path)
        return self._at_distance(condition, path)

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the rows without a date, or those with one."""
        return Q(IsNull(self.expression, null))

    @abstractmethod
    def between(self, first: date | None, end: date | None) -> Q:
        """Return the rows whose day is ``first`` or later, and before ``end``."""

    @abstractmethod
    def _equal(self, value: Any, path: str) -> Q:
        """Return the rows with this very date."""

    @abstractmethod
    def _beyond(self, side: type[Any], value: Any, path: str) -> Q:
        """Return the rows on one side of what ``value`` names."""

    def _extracted(self, part: type[Any]) -> Any:
        return part(self.expression)

    def _at_distance(self, condition: Condition, path: str) -> Q:
        operator, value = condition.operator, condition.value
        if operator in _SIDES and as_number(value) is None:
            side = GreaterThan if operator.startswith("$more") else LessThan
            found = self._beyond(side, value, path)
            return (
                found | self._equal(value, path) if operator[-5:] == "equal" else found
            )
        if operator not in _DISTANCES:
            raise InvalidQueryParams(f"Property {path} must be date")
        least, most = _DISTANCES[operator](days_in(value, path))
        today = self.calendar.today
        return self.between(
            None if least is None else today + least * _DAY,
            None if most is None else today + (most + 1) * _DAY,
        )

    def _in_days_of_the_year(self, operator: str, condition: Condition) -> Q:
        question = Question(condition.values, Kind.DATE, self.calendar)
        day = date(_LEAP_YEAR, 1, 1)
        wanted = []
        while day.year == _LEAP_YEAR:
            if TESTS[operator](day, question):
                wanted.append(day.month * 100 + day.day)
            day += _DAY
        return self._on(wanted)

    def _on(self, days: list[int]) -> Q:
        """Return the rows on one of the days, each its month times 100 and its day."""
        if not days:
            return _NOTHING
        month, day = self._extracted(ExtractMonth), self._extracted(ExtractDay)
        return Q(In(month * Value(100) + day, days))

    def _part(self, condition: Condition, path: str) -> Q:
        if condition.operator == "$is_years_ago":
            return self._years_ago(days_in(condition.value, path))
        is_year = condition.operator == "$is_year"
        # PostgreSQL's weekdays as Django gives them start with Sunday at 1.
        shift = 0 if is_year else 1
        numbers = [days_in(value, path) + shift for value in condition.values]
        part = self._extracted(ExtractYear if is_year else ExtractWeekDay)
        return Q(In(part, numbers)) if numbers else _NOTHING

    def _years_ago(self, years: int) -> Q:
        same_day = self._in_days_of_the_year("$today_md", Condition("$today_md", ()))
        year = Value(self.calendar.today.year - years)
        return same_day & Q(Exact(self._extracted(ExtractYear), year))


@dataclass(frozen=True)
class MomentOf(DatedColumn):
    """A moment; its day is the one on the project's clock.

    Compared with a date alone, midnight UTC is meant.
    """

    def between(self, first: date | None, end: date | None) -> Q:
        """Return the rows whose day is ``first`` or later, and before ``end``."""
        zone, found = self.calendar.zone, self.is_null("", null=False)
        if first is not None:
            found &= Q(GreaterThanOrEqual(self.expression, midnight(first, zone)))
        if end is not None:
            found &= Q(LessThan(self.expression, midnight(end, zone)))
        return found

    def _equal(self, value: Any, path: str) -> Q:
        """Moments are answered to the millisecond; a date alone is the whole day."""
        text = str(value)
        first = moment_in(text, path[1:])
        length = _DAY if len(text) == DATE_LENGTH else _MILLISECOND
        return Q(GreaterThanOrEqual(self.expression, first)) & Q(
            LessThan(self.expression, first + length)
        )

    def _beyond(self, side: type[Any], value: Any, path: str) -> Q:
        limit = moment_in(str(value), path[1:])
        return Q(side(self.expression, limit))

    def _extracted(self, part: type[Any]) -> Any:
        return part(self.expression, tzinfo=self.calendar.zone)


@dataclass(frozen=True)
class DayOf(DatedColumn):
    """A calendar day; of a birthday, windows ask for the anniversary."""

    is_birthday: bool = False

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows whose day fits."""
        if self.is_birthday and condition.operator in WINDOW_OPERATORS:
            yearless = Condition(f"{condition.operator}_md", condition.values)
            return super().matches(yearless, name, path, now)
        return super().matches(condition, name, path, now)

    def between(self, first: date | None, end: date | None) -> Q:
        """Return the rows whose day is ``first`` or later, and before ``end``."""
        found = self.is_null("", null=False)
        if first is not None:
            found &= Q(GreaterThanOrEqual(self.expression, first))
        if end is not None:
            found &= Q(LessThan(self.expression, end))
        return found

    def _equal(self, value: Any, path: str) -> Q:
        return Q(Exact(self.expression, self._day(value, path)))

    def _beyond(self, side: type[Any], value: Any, path: str) -> Q:
        return Q(side(self.expression, self._day(value, path)))

    def _day(self, value: Any, path: str) -> date:
        found = day_or_none(str(value))
        if found is None:
            raise InvalidQueryParams(f"Property {path} {NO_MOMENT}")
        return found
