"""The text forms of time in rule values: repeating windows, periods, daily hours.

``"start;interval;duration"`` opens for a duration at every interval,
``"from;to"`` is one period, ``"HH:mm;HH:mm;days"`` happy hours on weekdays 0
(Sunday) to 6. Starts are included, ends are not.

Source: rules specification, "Operators".
"""

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from promo.calendar_windows import WEEK
from promo.comparison import as_moment
from promo.durations import Duration, parse_duration

FRAME_PARTS = 3
CLOCK = re.compile(r"(([01]\d|2[0-3]):[0-5]\d|24:00)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Repeating:
    """A window of ``duration`` at ``start`` and, if given, every ``interval``."""

    start: datetime
    interval: Duration | None
    duration: Duration


def repeating_frame(text: Any, zone: tzinfo) -> Repeating | None:
    """Read ``"start;interval;duration"``; None when it is no such window."""
    parts = text.split(";") if isinstance(text, str) else []
    if len(parts) != FRAME_PARTS:
        return None
    start = as_moment(parts[0].strip(), zone)
    interval, duration = (parse_duration(part.strip()) for part in parts[1:])
    if start is None or not duration or not (interval or not parts[1].strip()):
        return None
    return Repeating(start, interval, duration)


def absolute_frame(text: Any, zone: tzinfo) -> tuple[datetime, datetime] | None:
    """Read ``"from;to"``; None when it is no period that lasts."""
    if not isinstance(text, str):
        return None
    moments = [as_moment(part.strip(), zone) for part in text.split(";")]
    match moments:
        case [datetime() as first, datetime() as last] if first < last:
            return first, last
    return None


def daily_frame(text: Any) -> dict[str, Any] | None:
    """Read ``"HH:mm;HH:mm;days"`` as an entry of happy hours, None if malformed.

    A missing start is midnight, a missing end the end of the day, missing days all.
    """
    parts = text.split(";") if isinstance(text, str) else []
    if len(parts) not in {FRAME_PARTS - 1, FRAME_PARTS}:
        return None
    start, end = (part.strip() for part in parts[:2])
    days = [day.strip() for day in "".join(parts[2:]).split(",") if day.strip()]
    if not CLOCK.fullmatch(start) or not CLOCK.fullmatch(end) or start == "24:00":
        return None
    if any(day not in {str(number) for number in range(WEEK)} for day in days):
        return None
    return {
        "start_time": start,
        "expiration_time": end,
        "days_of_week": [int(day) for day in days],
    }
