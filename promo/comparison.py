"""How one stored value compares with one a marketer wrote.

Filters and validation rules share these: a declared metadata type decides, an
undeclared value compares as a number when both sides read as numbers, otherwise
as text. Values come from JSON, so every function takes anything and answers None
or False for what it cannot read. Text is case-sensitive.

Source: rules specification, "Coercion".
"""

import re
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any

NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?", re.ASCII)
ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}"
    r"([T ]\d{2}(:\d{2}(:\d{2}([.,]\d{1,9})?)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?",
    re.ASCII,
)
DATE_LENGTH = 10


class Kind(StrEnum):
    """The declared type of a value; None stands for undeclared."""

    TEXT = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    GEOPOINT = "geopoint"


def as_number(value: Any) -> Decimal | None:
    """Return a finite number or a plain decimal text as a Decimal."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float | Decimal):
        number = Decimal(str(value))
        return number if number.is_finite() else None
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return Decimal(value)
    return None


def as_boolean(value: Any) -> bool | None:
    """Return a boolean, also from the texts ``true`` and ``false``."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def as_text(value: Any) -> str | None:
    """Return a scalar as the API writes it; None for objects, arrays and null."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    number = as_number(value)
    return None if number is None else format(number, "f")


def as_moment(value: Any, zone: tzinfo) -> datetime | None:
    """Return an instant; a date alone is its midnight in ``zone``."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime.combine(value, time.min, zone)
    if not isinstance(value, str) or not ISO.fullmatch(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def local(moment: datetime, zone: tzinfo) -> datetime | None:
    """Return ``moment`` on the clock of ``zone``; None outside years 1 to 9999."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return None


def as_day(value: Any, zone: tzinfo) -> date | None:
    """Return the calendar day of a date or instant, seen from ``zone``."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    moment = as_moment(value, zone)
    if moment is None:
        return None
    seen = local(moment, zone)
    return None if seen is None else seen.date()


def kind_of(fact: Any, declared: Kind | None) -> Kind | None:
    """Return the type that decides: the declared one, else what the value shows."""
    if declared is not None:
        return declared
    if isinstance(fact, bool):
        return Kind.BOOLEAN
    if isinstance(fact, datetime):
        return Kind.DATETIME
    return Kind.DATE if isinstance(fact, date) else None


def equal(fact: Any, value: Any, kind: Kind | None, zone: tzinfo) -> bool:
    """Say whether a scalar fact equals a value under ``kind``."""
    match kind_of(fact, kind):
        case Kind.NUMBER:
            return _same(as_number(fact), as_number(value))
        case Kind.BOOLEAN:
            return _same(as_boolean(fact), as_boolean(value))
        case Kind.DATE:
            return _same(as_day(fact, zone), as_day(value, zone))
        case Kind.DATETIME:
            return _same(as_moment(fact, zone), as_moment(value, zone))
        case None:
            numbers = as_number(fact), as_number(value)
            if None not in numbers:
                return numbers[0] == numbers[1]
    return _same(as_text(fact), as_text(value))


def order(fact: Any, value: Any, kind: Kind | None, zone: tzinfo) -> int | None:
    """Return -1, 0 or 1 as a fact lies below, at or above a value.

    None when the two cannot be ordered: booleans, geopoints, unreadable dates.
    """
    match kind_of(fact, kind):
        case Kind.BOOLEAN | Kind.GEOPOINT:
            return None
        case Kind.NUMBER:
            return _sign(as_number(fact), as_number(value))
        case Kind.DATE:
            return _sign(as_day(fact, zone), as_day(value, zone))
        case Kind.DATETIME:
            return _sign(as_moment(fact, zone), as_moment(value, zone))
        case None:
            numbers = _sign(as_number(fact), as_number(value))
            if numbers is not None:
                return numbers
    return _sign(as_text(fact), as_text(value))


def _same(fact: Any, value: Any) -> bool:
    return fact is not None and fact == value


def _sign(fact: Any, value: Any) -> int | None:
    if fact is None or value is None:
        return None
    return int(fact > value) - int(fact < value)


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the first instant of ``day`` in ``zone``, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
