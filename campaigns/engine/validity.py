"""When something is valid: dates, repeating windows, weekdays and hours.

Source: rules specification, "Time limits"; campaigns specification, "Time limits".
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Any

from promo.calendar_windows import WEEK, weekday
from promo.durations import Duration, add, parse_duration

DAY = 24 * 60
LAST_MINUTE = DAY - 1


class State(StrEnum):
    """Where a moment lies in the time limits of something."""

    VALID = "valid"
    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    OUTSIDE_WINDOW = "outside_window"


@dataclass(frozen=True, slots=True)
class Validity:
    """Time limits as stored; every wall-clock part is in the project's zone.

    ``timeframe`` holds ISO 8601 durations ``{"duration", "interval"}``, ``days``
    weekdays 0 (Sunday) to 6, ``hours`` the ``daily`` list of happy hours.
    ``anchor`` is where the repeating window starts counting; None is ``start``.
    """

    start: datetime | None = None
    expiration: datetime | None = None
    timeframe: Mapping[str, str] | None = None
    days: tuple[int, ...] = ()
    hours: tuple[Mapping[str, Any], ...] = ()
    anchor: datetime | None = None

    def over(self, campaign: "Validity | None") -> "Validity":
        """Return these limits, the campaign's filling what is unset here.

        Own fields replace the campaign's of the same name, they do not intersect.
        Windows count from the start that results, else from an anchor given.
        """
        if campaign is None:
            return self
        start = self.start or campaign.start
        return Validity(
            start=start,
            expiration=self.expiration or campaign.expiration,
            timeframe=self.timeframe or campaign.timeframe,
            days=self.days or campaign.days,
            hours=self.hours or campaign.hours,
            anchor=start or self.anchor or campaign.anchor,
        )


def state_at(validity: Validity, now: datetime, zone: tzinfo) -> State:
    """Say where ``now`` lies in ``validity``, on the clock of ``zone``.

    Valid from the start up to and including the expiration instant; windows and
    hours include their start and exclude their end. All limits must hold.
    """
    if validity.start is not None and now < validity.start:
        return State.NOT_STARTED
    if validity.expiration is not None and now > validity.expiration:
        return State.EXPIRED
    wall = now.astimezone(zone)
    if validity.days and weekday(wall.date()) not in validity.days:
        return State.OUTSIDE_WINDOW
    if validity.hours and not in_hours(validity.hours, wall):
        return State.OUTSIDE_WINDOW
    if validity.timeframe and not _in_timeframe(validity, now, zone):
        return State.OUTSIDE_WINDOW
    return State.VALID


def _in_timeframe(validity: Validity, now: datetime, zone: tzinfo) -> bool:
    """Without an anchor there is nothing to count from, so no window is open."""
    anchor = validity.anchor or validity.start
    timeframe = validity.timeframe or {}
    duration = parse_duration(timeframe.get("duration") or "")
    interval = parse_duration(timeframe.get("interval") or "")
    if anchor is None or duration is None:
        return False
    return is_open(anchor, interval, duration, now, zone)


def is_open(
    anchor: datetime,
    interval: Duration | None,
    duration: Duration,
    now: datetime,
    zone: tzinfo,
) -> bool:
    """Say whether a window opening at ``anchor`` and every ``interval`` is open.

    Only the last window begun can be: an earlier one is no longer than it. No
    interval means one window. The search halves, it never walks the windows.
    """
    if now < anchor:
        return False
    times = 0
    if interval:
        most = (now - anchor) // interval.shortest + 1
        times = bisect_right(
            range(most + 1), now, key=lambda k: _nth(anchor, interval, zone, k)
        )
        times -= 1
    opened = _nth(anchor, interval or Duration(), zone, times)
    try:
        return now < add(opened, duration, zone)
    except OverflowError:
        return True


def _nth(anchor: datetime, interval: Duration, zone: tzinfo, times: int) -> datetime:
    """Return when window ``times`` opens; never, beyond the calendar."""
    try:
        return add(anchor, interval, zone, times)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def minutes(clock: str | None, *, is_end: bool = False) -> int:
    """Return the minute of the day of an ``HH:mm``.

    As an end, nothing, ``23:59`` and ``24:00`` are the end of the day.
    """
    if not clock:
        return DAY if is_end else 0
    hour, minute = clock.split(":")[:2]
    found = int(hour) * 60 + int(minute)
    return DAY if is_end and found >= LAST_MINUTE else found


def in_hours(hours: Sequence[Mapping[str, Any]], wall: datetime) -> bool:
    """Say whether a wall-clock time lies in one of the happy hours.

    One that ends no later than it starts runs past midnight and belongs to the
    weekday on which it opened; without weekdays it opens every day.
    """
    today = weekday(wall.date())
    minute = wall.hour * 60 + wall.minute
    return any(_in_entry(entry, today, minute) for entry in hours)


def _in_entry(entry: Mapping[str, Any], today: int, minute: int) -> bool:
    start = minutes(entry.get("start_time"))
    end = minutes(entry.get("expiration_time"), is_end=True)
    days = entry.get("days_of_week") or range(WEEK)
    if start < end:
        return today in days and start <= minute < end
    opened_today = today in days and minute >= start
    opened_yesterday = (today - 1) % WEEK in days and minute < end
    return opened_today or opened_yesterday
