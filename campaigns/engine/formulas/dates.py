"""Dates in formulas, on the project's clock.

Source: rules specification, "Functions".
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from campaigns.engine.formulas.values import NoValue, shown
from promo.calendar_windows import MONTHS, Calendar
from promo.comparison import as_day, as_moment


def whole_day(value: Any, zone: tzinfo) -> date:
    """Return the calendar day of a date, an instant or the text of one.

    Raises:
        NoValue: it is none of these.
    """
    day = as_day(value, zone)
    if day is None:
        raise _no_date(value)
    return day


def instant(value: Any, zone: tzinfo) -> datetime:
    """Return the instant of ``value``; a date alone is its midnight in ``zone``.

    Raises:
        NoValue: it is no date.
    """
    moment = as_moment(value, zone)
    if moment is None:
        raise _no_date(value)
    return moment


def _no_date(value: Any) -> NoValue:
    return NoValue(f"{shown(value)} is not a date")


def _months_between(start: date, end: date) -> int:
    """Return the full months from ``start`` to ``end``, negative backwards."""
    if end < start:
        return -_months_between(end, start)
    months = (end.year - start.year) * MONTHS + end.month - start.month
    return months - (end.day < start.day)


def _part(read: Callable[[date], int]) -> Callable[[Any, Calendar], Decimal]:
    def part(value: Any, calendar: Calendar) -> Decimal:
        return Decimal(read(whole_day(value, calendar.zone)))

    return part


def _since(count: Callable[[date, date], int]) -> Callable[[Any, Calendar], Decimal]:
    def since(value: Any, calendar: Calendar) -> Decimal:
        return Decimal(count(whole_day(value, calendar.zone), calendar.today))

    return since


def _until(count: Callable[[date, date], int]) -> Callable[[Any, Calendar], Decimal]:
    def until(value: Any, calendar: Calendar) -> Decimal:
        return Decimal(count(calendar.today, whole_day(value, calendar.zone)))

    return until


def _days(start: date, end: date) -> int:
    return (end - start).days


def _years(start: date, end: date) -> int:
    """Return the full years; a part of one counts for nothing in either direction."""
    months = _months_between(start, end)
    return months // MONTHS if months >= 0 else -(-months // MONTHS)


DATE_FUNCTIONS: Mapping[str, Callable[[Any, Calendar], Decimal]] = {
    "DAY_OF_MONTH": _part(lambda day: day.day),
    "MONTH": _part(lambda day: day.month),
    "YEAR": _part(lambda day: day.year),
    "DAYS_SINCE": _since(_days),
    "MONTHS_SINCE": _since(_months_between),
    "YEARS_SINCE": _since(_years),
    "DAYS_UNTIL": _until(_days),
    "MONTHS_UNTIL": _until(_months_between),
}
