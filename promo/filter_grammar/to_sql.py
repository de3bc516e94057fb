"""A filter as a condition of PostgreSQL: the same answers as ``matching``, in sets.

What can be worked out beforehand is: operands are read here, windows and days of today
too. What a row holds is read by the functions of ``functions``. One difference is
known: letters outside ASCII are lowered by the rules of the database.

Source: data specification, "Filter grammar"; rules specification, "Coercion".
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from promo import calendar_windows as windows
from promo.comparison import (
    Kind,
    as_boolean,
    as_day,
    as_moment,
    as_number,
    as_text,
)
from promo.filter_grammar.grammar import (
    NEGATIVE_OPERATORS,
    WINDOW_OPERATORS,
    Filter,
)
from promo.filter_grammar.matching import CASELESS, Question, meaning
from promo.filter_grammar.sql_pieces import ALWAYS, NEVER, Fact, Sql, joined
from promo.geometry import Circle, Shape

Facts = Callable[[str], Fact]
Test = Callable[[Question], Sql]


def condition_of(
    filters: Filter,
    facts: Facts,
    calendar: windows.Calendar,
    locations: Mapping[str, Shape],
) -> Sql:
    """Return the condition that ``filters`` put on a row; none put no condition.

    ``facts`` finds what stands at a path, ``locations`` the shapes of the ids that
    conditions name.
    """
    if not filters.fields:
        return Sql(ALWAYS)
    fields = []
    for entry in filters.fields:
        fact, found = facts(entry.field), []
        for each in entry.conditions:
            operator, values = meaning(each, entry.field, filters.junction)
            ask = Question(values, fact.kind, calendar, locations)
            found.append(_condition(operator, fact, ask, entry.field in CASELESS))
        fields.append(joined(found, " AND "))
    return joined(fields, " OR " if filters.junction == "or" else " AND ")


def _condition(operator: str, fact: Fact, ask: Question, caseless: bool) -> Sql:  # noqa: FBT001 - of a private function
    if operator in {"$has_value", "$is_unknown"}:
        verb = "IS NULL" if operator == "$is_unknown" else "IS NOT NULL"
        return Sql("(") + fact.sql + Sql(f") {verb}")
    if operator in _COUNTS:
        return _counted(_COUNTS[operator], fact, ask)
    if operator == "$not_in_location":
        return _outside(fact, ask)
    negative = operator in NEGATIVE_OPERATORS
    test = _NEGATED[operator] if negative else _TESTS[operator]
    element = "lower(v)" if caseless else "v"
    found = _exists(fact, test(ask), element)
    return Sql("NOT ") + found if negative else found


def _exists(fact: Fact, test: Sql, element: str = "v") -> Sql:
    """Say whether an element satisfies ``test``, which calls it ``e``."""
    one = (
        Sql("coalesce((SELECT ")
        + test
        + Sql(f" FROM (SELECT {element} AS e FROM (SELECT ")  # noqa: S608 - texts of our own
    )
    one += fact.sql + Sql(" AS v) f) t), FALSE)")
    if fact.single:
        return one
    several = Sql("EXISTS (SELECT FROM jsonb_array_elements(") + fact.sql
    several += Sql(") e WHERE jsonb_typeof(e) <> 'null' AND (") + test + Sql("))")
    is_array = Sql("CASE WHEN jsonb_typeof(") + fact.sql + Sql(") = 'array' THEN ")
    return is_array + several + Sql(" ELSE ") + one + Sql(" END")


def _counted(sign: str, fact: Fact, ask: Question) -> Sql:
    if ask.days is None:
        return Sql(NEVER)
    if fact.single:
        count = Sql("((") + fact.sql + Sql(") IS NOT NULL)::int")
    else:
        elements = Sql("promo_filter_elements(") + fact.sql + Sql(")")
        count = Sql("(SELECT count(*) FROM ") + elements + Sql(")")
    return count + Sql(f" {sign} %s::numeric", (ask.days,))


def _outside(fact: Fact, ask: Question) -> Sql:
    inside = _inside(ask)
    never = Sql("NOT ") + _exists(fact, inside)
    some = _exists(fact, inside + Sql(" IS FALSE"))
    return Sql("(") + never + Sql(" AND ") + some + Sql(")")


def _inside(ask: Question) -> Sql:
    shapes = [ask.locations.get(str(each)) for each in ask.values]
    written = json.dumps([_shape(each) for each in shapes if each is not None])
    return Sql("promo_filter_inside(e, %s::jsonb)", (written,))


def _shape(shape: Shape) -> dict[str, Any]:
    if isinstance(shape, Circle):
        return {
            "latitude": shape.center.latitude,
            "longitude": shape.center.longitude,
            "radius": shape.radius,
        }
    areas = [
        [[[point.longitude, point.latitude] for point in ring] for ring in rings]
        for rings in shape.areas
        if rings
    ]
    return {"areas": areas}


# What elements are tested for. ``e`` is the element.


def _zoned(function: str, ask: Question) -> Sql:
    return Sql(f"promo_filter_{function}(e, %s)", (str(ask.calendar.zone),))


def _day(ask: Question) -> Sql:
    return _zoned("day", ask)


_NUMBER = Sql("promo_filter_number(e)")
_TEXT = Sql('promo_filter_text(e) COLLATE "C"')
_BOOLEAN = "jsonb_typeof(e) = 'boolean'"


def _compared(left: Sql, sign: str, value: Any, cast: str) -> Sql:
    """Compare with a value that was read; one that could not be never compares."""
    if value is None:
        return Sql(NEVER)
    return left + Sql(f" {sign} %s::{cast}", (value,))


def _by_kind(sign: str, value: Any, ask: Question) -> Sql:
    zone = ask.calendar.zone
    match ask.kind:
        case Kind.NUMBER:
            return _compared(_NUMBER, sign, as_number(value), "numeric")
        case Kind.DATE:
            return _compared(_day(ask), sign, as_day(value, zone), "date")
        case Kind.DATETIME:
            moment = as_moment(value, zone)
            return _compared(_zoned("moment", ask), sign, moment, "timestamptz")
    return _compared(_TEXT, sign, as_text(value), "text")


def _equal(value: Any, ask: Question) -> Sql:
    boolean = _compared(
        Sql("promo_filter_boolean(e)"), "=", as_boolean(value), "boolean"
    )
    if ask.kind is Kind.BOOLEAN:
        return boolean
    if ask.kind is not None:
        return _by_kind("=", value, ask)
    return _undeclared("=", value, ask, boolean)


def _ordered(sign: str) -> Test:
    def test(ask: Question) -> Sql:
        if ask.kind in {Kind.BOOLEAN, Kind.GEOPOINT}:
            return Sql(NEVER)
        if ask.kind is not None:
            return _by_kind(sign, ask.value, ask)
        return _undeclared(sign, ask.value, ask, Sql(NEVER))

    return test


def _undeclared(sign: str, value: Any, ask: Question, boolean: Sql) -> Sql:
    """Compare what the value shows: a boolean, two numbers, else texts."""
    texts = _compared(_TEXT, sign, as_text(value), "text")
    number = as_number(value)
    if number is not None:
        numbers = _compared(_NUMBER, sign, number, "numeric")
        texts = (
            Sql("CASE WHEN ")
            + _NUMBER
            + Sql(" IS NULL THEN ")
            + texts
            + Sql(" ELSE ")
            + numbers
            + Sql(" END")
        )
    return (
        Sql(f"CASE WHEN {_BOOLEAN} THEN ")
        + boolean
        + Sql(" ELSE ")
        + texts
        + Sql(" END")
    )


def _aged(sign: str) -> Test:
    """Compare; a date with a number of days is compared by its age."""
    otherwise = _ordered(sign)

    def test(ask: Question) -> Sql:
        if ask.kind in {Kind.DATE, Kind.DATETIME} and ask.days is not None:
            age = Sql("(%s::date - ", (ask.calendar.today,)) + _day(ask) + Sql(")")
            return age + Sql(f" {sign} %s::numeric", (ask.days,))
        return otherwise(ask)

    return test


def _is(ask: Question) -> Sql:
    return _equal(ask.value, ask)


def _in(ask: Question) -> Sql:
    if not ask.values:
        return Sql(NEVER)
    return joined([_equal(value, ask) for value in ask.values], " OR ")


def _worded(pattern: str) -> Test:
    """Test text; any of the values may satisfy it, numbers never do."""

    def test(ask: Question) -> Sql:
        texts = [text for value in ask.values if (text := as_text(value)) is not None]
        found = [Sql(pattern, (text,) * pattern.count("%s")) for text in texts]
        if not found:
            return Sql(NEVER)
        return joined(found, " OR ")

    return test


def _instant(sign: str) -> Test:
    def test(ask: Question) -> Sql:
        limit = as_moment(ask.value, ask.calendar.zone)
        return _compared(_zoned("moment", ask), sign, limit, "timestamptz")

    return test


def _distant(expression: str, sign: str, *, from_zero: bool = False) -> Test:
    """Test the days between a date and today: ``{day}`` and ``{today}``."""

    def test(ask: Question) -> Sql:
        if ask.days is None:
            return Sql(NEVER)
        before, after = expression.split("{day}")
        today = ask.calendar.today
        days = (
            Sql("(")
            + _with_today(before, today)
            + _day(ask)
            + _with_today(after, today)
            + Sql(")")
        )
        within = days + Sql(f" {sign} %s::numeric", (ask.days,))
        return days + Sql(" >= 0 AND ") + within if from_zero else within

    return test


def _with_today(text: str, today: date) -> Sql:
    return Sql(text.replace("{today}", "%s::date"), (today,) * text.count("{today}"))


def _part(expression: str) -> Test:
    def test(ask: Question) -> Sql:
        numbers = [n for value in ask.values if (n := as_number(value)) is not None]
        if not numbers:
            return Sql(NEVER)
        found = Sql(f"extract({expression} FROM ") + _day(ask)
        return found + Sql(") = ANY(%s::numeric[])", (numbers,))

    return test


def _in_window(name: str) -> Test:
    def test(ask: Question) -> Sql:
        first, end = windows.window(name, ask.calendar)
        after = _day(ask) + Sql(" >= %s::date AND ", (first,))
        return after + _day(ask) + Sql(" < %s::date", (end,))

    return test


def _anniversary_in(name: str) -> Test:
    def test(ask: Question) -> Sql:
        first, end = windows.window(name, ask.calendar)
        found = []
        for year in sorted({first.year, end.year}):
            anniversary = Sql("promo_filter_anniversary(") + _day(ask)
            anniversary += Sql(", %s)", (year,))
            lower = anniversary + Sql(" >= %s::date AND ", (first,))
            found.append(lower + anniversary + Sql(" < %s::date", (end,)))
        return joined(found, " OR ")

    return test


def _years_ago(ask: Question) -> Sql:
    today, years = ask.calendar.today, ask.days
    if years is None:
        return Sql(NEVER)
    year = Sql("extract(year FROM ") + _day(ask)
    year += Sql(") = %s::numeric AND ", (today.year - years,))
    anniversary = Sql("promo_filter_anniversary(") + _day(ask)
    return year + anniversary + Sql(", %s) = %s::date", (today.year, today))


_COUNTS = {"$count": "=", "$count_more": ">", "$count_less": "<"}
_SINCE, _UNTIL = "{today} - {day}", "{day} - {today}"
_SINCE_MD = "promo_filter_since_anniversary({day}, {today})"
_UNTIL_MD = "promo_filter_until_anniversary({day}, {today})"
_NEGATED: dict[str, Test] = {
    "$is_not": _is,
    "$not_in": _in,
    "$not_contain": _worded("position(%s::text IN promo_filter_string(e)) > 0"),
}

_TESTS: dict[str, Test] = {
    "$is": _is,
    "$in": _in,
    "$in_location": _inside,
    "$contains": _NEGATED["$not_contain"],
    "$starts_with": _worded("starts_with(promo_filter_string(e), %s::text)"),
    "$ends_with": _worded("right(promo_filter_string(e), length(%s::text)) = %s::text"),
    "$more_than": _aged(">"),
    "$less_than": _aged("<"),
    "$more_than_equal": _ordered(">="),
    "$less_than_equal": _ordered("<="),
    "$after": _instant(">"),
    "$before": _instant("<"),
    "$is_days_ago": _distant(_SINCE, "="),
    "$more_than_ago": _distant(_SINCE, ">"),
    "$less_than_ago": _distant(_SINCE, "<", from_zero=True),
    "$is_days_in_future": _distant(_UNTIL, "="),
    "$more_than_future": _distant(_UNTIL, ">"),
    "$less_than_future": _distant(_UNTIL, "<", from_zero=True),
    "$is_days_ago_md": _distant(_SINCE_MD, "="),
    "$is_more_days_ago_md": _distant(_SINCE_MD, ">"),
    "$is_less_days_ago_md": _distant(_SINCE_MD, "<", from_zero=True),
    "$is_days_in_future_md": _distant(_UNTIL_MD, "="),
    "$is_more_days_in_future_md": _distant(_UNTIL_MD, ">"),
    "$is_less_days_in_future_md": _distant(_UNTIL_MD, "<", from_zero=True),
    "$is_day": _part("dow"),
    "$is_month": _part("month"),
    "$is_year": _part("year"),
    "$is_day_of_month": _part("day"),
    "$is_years_ago": _years_ago,
}
for _name in WINDOW_OPERATORS:
    _TESTS[_name] = _in_window(_name.removeprefix("$"))
    _TESTS[f"{_name}_md"] = _anniversary_in(_name.removeprefix("$"))
