"""ISO 8601 durations, and adding them to a moment without losing the wall clock.

Years, months, weeks and days move the calendar of a zone; hours, minutes and
seconds are absolute, whatever the clocks do.

Source: rules specification, "Time zone arithmetic".
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from promo.calendar_windows import MONTHS, WEEK, add_months

ISO_DURATION = re.compile(
    r"P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=.)(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?",
    re.ASCII,
)
SHORTEST_MONTH = 28


@dataclass(frozen=True, slots=True)
class Duration:
    """Calendar months and days, then absolute seconds; none is negative."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    def __bool__(self) -> bool:
        return bool(self.months or self.days or self.seconds)

    @property
    def shortest(self) -> timedelta:
        """Less than it ever lasts: 28 days a month, an hour off for the clocks."""
        days = self.months * SHORTEST_MONTH + self.days
        return timedelta(days, self.seconds) - timedelta(hours=1 if days else 0)


@lru_cache(maxsize=1024)
def parse_duration(text: str) -> Duration | None:
    """Read ``P1M``, ``P2W``, ``P1DT12H`` …; None when it is no such duration."""
    match = ISO_DURATION.fullmatch(text)
    if match is None:
        return None
    years, months, weeks, days, hours, minutes, seconds = (
        int(part or 0) for part in match.groups()
    )
    return Duration(
        years * MONTHS + months,
        weeks * WEEK + days,
        (hours * 60 + minutes) * 60 + seconds,
    )


def add(moment: datetime, duration: Duration, zone: tzinfo, times: int = 1) -> datetime:
    """Return ``moment`` plus ``times`` the duration, in UTC.

    Months count from ``moment`` and end on the last day there is. A time that the
    clocks skip moves on by what they skip; one they repeat is the first.

    Raises:
        OverflowError: the result lies beyond the year 9999.
    """
    seconds = timedelta(seconds=duration.seconds * times)
    if times == 0 or not (duration.months or duration.days):
        return moment.astimezone(UTC) + seconds
    wall = moment.astimezone(zone)
    day = add_months(wall.date(), duration.months * times)
    day += timedelta(duration.days * times)
    return datetime.combine(day, wall.time(), zone).astimezone(UTC) + seconds
