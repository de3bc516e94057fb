"""Does a record satisfy a filter? The same answer as a list gives, in memory.

A missing attribute satisfies the negative operators and ``$is_unknown`` alone; an
array satisfies a positive operator when one element does and a negative one when
none does. Text is case-sensitive, e-mail addresses are not. ``$not_in_location``
needs coordinates too: without any there is no saying that they lie outside.

Source: data specification, "Filter grammar"; rules specification, "Geofencing".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from promo import calendar_windows as windows
from promo.calendar_windows import Calendar
from promo.comparison import (
    Kind,
    as_day,
    as_moment,
    as_number,
    as_text,
    equal,
    kind_of,
    order,
)
from promo.filter_grammar.grammar import (
    LOCATION_OPERATORS,
    NEGATIVE_OPERATORS,
    STATUS_OPERATORS,
    WINDOW_OPERATORS,
    Condition,
    FieldFilter,
    Filter,
)
from promo.geometry import Shape, inside_any

BIRTHDAYS = frozenset({"birthdate", "birthday"})
CASELESS = frozenset({"email"})
NO_LOCATIONS: Mapping[str, Shape] = {}


def undeclared(_path: str) -> Kind | None:
    """Leave the type of every path to what its value shows."""
    return None


@dataclass(frozen=True, slots=True)
class Record:
    """What is tested: ``value`` finds an attribute by path, ``kind`` its type.

    ``place`` finds the coordinates by path where they may stand somewhere else.
    """

    value: Callable[[str], Any]
    kind: Callable[[str], Kind | None] = undeclared
    place: Callable[[str], Any] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One condition with all that its answer may depend on."""

    values: Sequence[Any]
    kind: Kind | None
    calendar: Calendar
    locations: Mapping[str, Shape] = field(default_factory=dict)

    @property
    def value(self) -> Any:
        """The first value."""
        return self.values[0] if self.values else None

    @property
    def days(self) -> Decimal | None:
        """The first value as a number of days."""
        return as_number(self.value)


def matches(
    filters: Filter,
    record: Record,
    calendar: Calendar,
    locations: Mapping[str, Shape] = NO_LOCATIONS,
) -> bool:
    """Say whether ``record`` satisfies ``filters``; an empty filter always is.

    ``locations`` are the shapes of the ``loc_…`` ids that conditions may name.
    """
    if not filters.fields:
        return True
    results = (
        _field_holds(entry, filters.junction, record, calendar, locations)
        for entry in filters.fields
    )
    return any(results) if filters.junction == "or" else all(results)


def _field_holds(
    entry: FieldFilter,
    junction: str,
    record: Record,
    calendar: Calendar,
    locations: Mapping[str, Shape],
) -> bool:
    fact, kind = record.value(entry.field), record.kind(entry.field)
    if entry.field in CASELESS:
        fact = _lowered(fact)
    for condition in entry.conditions:
        operator, values = meaning(condition, entry.field, junction)
        question = Question(values, kind, calendar, locations)
        asked = fact
        if record.place is not None and operator in LOCATION_OPERATORS:
            asked = record.place(entry.field)
        if not holds(operator, asked, question):
            return False
    return True


def meaning(
    condition: Condition, name: str, junction: str
) -> tuple[str, Sequence[Any]]:
    """Return the operator that is meant and its values."""
    operator, values = condition.operator, condition.values
    if name in CASELESS:
        values = tuple(_lowered(value) for value in values)
    if operator == "$is" and junction == "or":
        return "$in", values
    if operator in WINDOW_OPERATORS and name in BIRTHDAYS:
        return f"{operator}_md", values
    return operator, values


def _lowered(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def holds(operator: str, fact: Any, question: Question) -> bool:
    """Answer one condition for a whole fact: missing, scalar or array."""
    if operator in {"$has_value", "$is_unknown"}:
        return (fact is None) == (operator == "$is_unknown")
    elements = elements_of(fact)
    if operator in COUNTS:
        return _counted(operator, len(elements), question.days)
    if operator == "$not_in_location":
        return _outside(elements, question)
    if operator in NEGATIVE_OPERATORS:
        return not any(NEGATED[operator](element, question) for element in elements)
    if operator in STATUS_OPERATORS:
        return operator.removeprefix("$") in elements
    test = TESTS[operator]
    return any(test(element, question) for element in elements)


def elements_of(fact: Any) -> list[Any]:
    """Return the values that a fact, single or several, holds; nulls left out."""
    listed = fact if isinstance(fact, list | tuple | set | frozenset) else [fact]
    return [element for element in listed if element is not None]


def _counted(operator: str, length: int, value: Decimal | None) -> bool:
    return value is not None and COUNTS[operator](length, value)


COUNTS: dict[str, Callable[[int, Decimal], bool]] = {
    "$count": lambda length, value: length == value,
    "$count_more": lambda length, value: length > value,
    "$count_less": lambda length, value: length < value,
}


def _outside(elements: Sequence[Any], ask: Question) -> bool:
    inside = [inside_any(e, ask.values, ask.locations) for e in elements]
    return False in inside and True not in inside


def _is(fact: Any, ask: Question) -> bool:
    return equal(fact, ask.value, ask.kind, ask.calendar.zone)


def _in(fact: Any, ask: Question) -> bool:
    return any(equal(fact, v, ask.kind, ask.calendar.zone) for v in ask.values)


def _in_location(fact: Any, ask: Question) -> bool:
    return inside_any(fact, ask.values, ask.locations) is True


def _text(test: Callable[[str, str], bool]) -> Callable[[Any, Question], bool]:
    """Make a test of text; any of the values may satisfy it, numbers never do."""

    def holds(fact: Any, ask: Question) -> bool:
        if not isinstance(fact, str):
            return False
        texts = (as_text(value) for value in ask.values)
        return any(text is not None and test(fact, text) for text in texts)

    return holds


_contains = _text(lambda fact, value: value in fact)


def _ordered(
    test: Callable[[int], bool], *, in_days: bool = False
) -> Callable[[Any, Question], bool]:
    """Make a comparison; with ``in_days`` a date is compared by its age in days."""

    def holds(fact: Any, ask: Question) -> bool:
        zone = ask.calendar.zone
        if in_days and _is_date(fact, ask) and ask.days is not None:
            age = _age(fact, ask)
            return age is not None and test(_sign(age, ask.days))
        found = order(fact, ask.value, ask.kind, zone)
        return found is not None and test(found)

    return holds


def _is_date(fact: Any, ask: Question) -> bool:
    return kind_of(fact, ask.kind) in {Kind.DATE, Kind.DATETIME}


def _sign(left: Decimal | int, right: Decimal | int) -> int:
    return int(left > right) - int(left < right)


def _moment(test: Callable[[Any, Any], bool]) -> Callable[[Any, Question], bool]:
    def holds(fact: Any, ask: Question) -> bool:
        zone = ask.calendar.zone
        moment, limit = as_moment(fact, zone), as_moment(ask.value, zone)
        return moment is not None and limit is not None and test(moment, limit)

    return holds


def _age(fact: Any, ask: Question) -> int | None:
    """Return how many calendar days ago a date was; negative in the future."""
    day = as_day(fact, ask.calendar.zone)
    return None if day is None else (ask.calendar.today - day).days


def _days(
    distance: Callable[[date, date], int], test: Callable[[int, Decimal], bool]
) -> Callable[[Any, Question], bool]:
    """Make a test of the days between a date and today."""

    def holds(fact: Any, ask: Question) -> bool:
        day, days = as_day(fact, ask.calendar.zone), ask.days
        if day is None or days is None:
            return False
        return test(distance(day, ask.calendar.today), days)

    return holds


def _since(day: date, today: date) -> int:
    return (today - day).days


def _until(day: date, today: date) -> int:
    return (day - today).days


def _more(found: int, days: Decimal) -> bool:
    return found > days


def _less(found: int, days: Decimal) -> bool:
    return 0 <= found < days


def _exactly(found: int, days: Decimal) -> bool:
    return found == days


def _part(part: Callable[[date], int]) -> Callable[[Any, Question], bool]:
    """Make a test of a part of a date against any of the values."""

    def holds(fact: Any, ask: Question) -> bool:
        day = as_day(fact, ask.calendar.zone)
        return day is not None and part(day) in [as_number(v) for v in ask.values]

    return holds


def _in_window(name: str) -> Callable[[Any, Question], bool]:
    def holds(fact: Any, ask: Question) -> bool:
        day = as_day(fact, ask.calendar.zone)
        first, end = windows.window(name, ask.calendar)
        return day is not None and first <= day < end

    return holds


def _anniversary_in_window(name: str) -> Callable[[Any, Question], bool]:
    def holds(fact: Any, ask: Question) -> bool:
        day = as_day(fact, ask.calendar.zone)
        if day is None:
            return False
        return windows.has_anniversary_in(day, *windows.window(name, ask.calendar))

    return holds


def _years_ago(fact: Any, ask: Question) -> bool:
    day, years = as_day(fact, ask.calendar.zone), ask.days
    if day is None or years is None:
        return False
    today = ask.calendar.today
    return day.year == today.year - years and (
        windows.anniversary(day, today.year) == today
    )


Test = Callable[[Any, Question], bool]

NEGATED: dict[str, Test] = {"$is_not": _is, "$not_in": _in, "$not_contain": _contains}

TESTS: dict[str, Test] = {
    "$is": _is,
    "$in": _in,
    "$in_location": _in_location,
    "$contains": _contains,
    "$starts_with": _text(str.startswith),
    "$ends_with": _text(str.endswith),
    "$more_than": _ordered(lambda found: found > 0, in_days=True),
    "$less_than": _ordered(lambda found: found < 0, in_days=True),
    "$more_than_equal": _ordered(lambda found: found >= 0),
    "$less_than_equal": _ordered(lambda found: found <= 0),
    "$after": _moment(lambda moment, limit: moment > limit),
    "$before": _moment(lambda moment, limit: moment < limit),
    "$is_days_ago": _days(_since, _exactly),
    "$more_than_ago": _days(_since, _more),
    "$less_than_ago": _days(_since, _less),
    "$is_days_in_future": _days(_until, _exactly),
    "$more_than_future": _days(_until, _more),
    "$less_than_future": _days(_until, _less),
    "$is_days_ago_md": _days(windows.days_since_anniversary, _exactly),
    "$is_more_days_ago_md": _days(windows.days_since_anniversary, _more),
    "$is_less_days_ago_md": _days(windows.days_since_anniversary, _less),
    "$is_days_in_future_md": _days(windows.days_to_anniversary, _exactly),
    "$is_more_days_in_future_md": _days(windows.days_to_anniversary, _more),
    "$is_less_days_in_future_md": _days(windows.days_to_anniversary, _less),
    "$is_day": _part(windows.weekday),
    "$is_month": _part(lambda day: day.month),
    "$is_year": _part(lambda day: day.year),
    "$is_day_of_month": _part(lambda day: day.day),
    "$is_years_ago": _years_ago,
}
for _name in WINDOW_OPERATORS:
    TESTS[_name] = _in_window(_name.removeprefix("$"))
    TESTS[f"{_name}_md"] = _anniversary_in_window(_name.removeprefix("$"))
