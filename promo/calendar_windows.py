"""Calendar arithmetic: today, this week, last month, anniversaries.

Days are seen from the project's zone; windows include their first day and
exclude their last. Weekdays count from 0 (Sunday), as everywhere in the API.

Source: data specification, "Filter grammar".
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

MONDAY = 1
MONTHS = 12
WEEK = 7


@dataclass(frozen=True, slots=True)
class Calendar:
    """The moment of a decision and the project's clock and week."""

    now: datetime
    zone: tzinfo
    week_starts_on: int = MONDAY

    @property
    def today(self) -> date:
        """The day it is in the project's zone."""
        return self.now.astimezone(self.zone).date()


def weekday(day: date) -> int:
    """Return 0 for Sunday to 6 for Saturday."""
    return day.isoweekday() % WEEK


def first_of_week(day: date, starts_on: int = MONDAY) -> date:
    """Return the first day of the week ``day`` lies in."""
    return day - timedelta((weekday(day) - starts_on) % WEEK)


def add_months(day: date, months: int) -> date:
    """Move ``day`` by calendar months; the 31st becomes the month's last day.

    Raises:
        OverflowError: the result lies outside the years 1 to 9999.
    """
    count = day.year * MONTHS + day.month - 1 + months
    year, month = divmod(count, MONTHS)
    if not date.min.year <= year <= date.max.year:
        msg = f"no such year: {year}"
        raise OverflowError(msg)
    return date(year, month + 1, min(day.day, _days_in(year, month + 1)))


def _days_in(year: int, month: int) -> int:
    if month == MONTHS:
        return 31
    return (date(year, month + 1, 1) - date(year, month, 1)).days


def window(name: str, calendar: Calendar) -> tuple[date, date]:
    """Return the first day of a named window and the day after its last.

    ``name`` is an operator's without its dollar: ``today``, ``this_week``,
    ``last_month``, ``next_year`` and so on.

    Raises:
        KeyError: there is no such window.
    """
    today = calendar.today
    if name in DAYS:
        first = today + timedelta(DAYS[name])
        return first, first + timedelta(1)
    which, unit = name.split("_")
    shift = SHIFTS[which]
    if unit == "week":
        first = first_of_week(today, calendar.week_starts_on)
        first += timedelta(shift * WEEK)
        return first, first + timedelta(WEEK)
    months = {"month": 1, "year": MONTHS}[unit]
    first = today.replace(day=1) if unit == "month" else today.replace(month=1, day=1)
    first = add_months(first, shift * months)
    return first, add_months(first, months)


DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
SHIFTS = {"last": -1, "this": 0, "next": 1}


def anniversary(day: date, year: int) -> date:
    """Return ``day`` in ``year``; 29 February falls on the 28th in other years."""
    return date(year, day.month, min(day.day, _days_in(year, day.month)))


def days_since_anniversary(day: date, today: date) -> int:
    """Return how many days ago the latest anniversary of ``day`` was, today 0."""
    this_year = anniversary(day, today.year)
    latest = this_year if this_year <= today else anniversary(day, today.year - 1)
    return (today - latest).days


def days_to_anniversary(day: date, today: date) -> int:
    """Return how many days ahead the next anniversary of ``day`` is, today 0."""
    this_year = anniversary(day, today.year)
    coming = this_year if this_year >= today else anniversary(day, today.year + 1)
    return (coming - today).days


def has_anniversary_in(day: date, first: date, end: date) -> bool:
    """Say whether an anniversary of ``day`` lies in the window ``first`` to ``end``."""
    return any(first <= anniversary(day, year) < end for year in {first.year, end.year})
