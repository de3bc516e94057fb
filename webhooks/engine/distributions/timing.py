"""When a message is due: at once, after a while, or at a time of day.

Days and weeks move the calendar of the project's zone, so that what is due "two days
later" comes at the same time of day, whatever the clocks did; minutes and hours are
absolute. A time of day that the clocks skip moves on by what they skip, one that they
repeat is the first.

Source: campaigns specification, "Distributions".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from promo.durations import Duration, add
from promo.metadata import metadata_value
from webhooks.engine.distributions.reading import (
    Json,
    a_choice,
    a_text,
    a_whole_number,
    only,
    refuse,
)

NONE, AFTER, AT_LOCAL_TIME = "NONE", "AFTER", "AT_LOCAL_TIME"
EVENT, METADATA_DATE = "EVENT", "METADATA_DATE"
UNITS = ("MINUTE", "HOUR", "DAY", "WEEK")
_CALENDAR_UNITS = ("DAY", "WEEK")
#: Things of an event that have metadata.
HOLDERS = ("customer", "order", "event", "redemption", "voucher")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_MOST = {"MINUTE": 525_600, "HOUR": 87_600, "DAY": 3_650, "WEEK": 520}
_SECONDS = {"MINUTE": 60, "HOUR": 3_600}
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Due:
    """When a message is due, or the reason why it never is."""

    at: datetime | None
    reason: str = ""


def parse_delay(sent: Json, path: str = ".delay") -> dict[str, Any]:
    """Return a delay in the form in which it is kept; nothing for none.

    Raises:
        InvalidPayload: a setting of another shape or out of range.
    """
    if not sent:
        return {}
    kind = a_choice(sent.get("type"), f"{path}.type", (NONE, AFTER, AT_LOCAL_TIME))
    if kind == NONE:
        return {}
    only(sent, {"type", "value", "unit", "from", "property", "time"}, path)
    origin = a_choice(sent.get("from") or EVENT, f"{path}.from", (EVENT, METADATA_DATE))
    kept: dict[str, Any] = {"type": kind, "from": origin, **_span(sent, kind, path)}
    least = -_MOST[kept["unit"]] if origin == METADATA_DATE else 0
    if not least <= kept["value"] <= _MOST[kept["unit"]]:
        most = _MOST[kept["unit"]]
        raise refuse(f"{path}.value", f"must be >= {least} and <= {most}")
    if origin == METADATA_DATE:
        kept["property"] = _property(sent.get("property"), f"{path}.property")
    if kind == AT_LOCAL_TIME:
        kept["time"] = _time(sent.get("time"), f"{path}.time")
    return kept


def _span(sent: Json, kind: str, path: str) -> dict[str, Any]:
    """Return how long it takes; a time of day is on the same day unless said."""
    units = _CALENDAR_UNITS if kind == AT_LOCAL_TIME else UNITS
    if kind == AT_LOCAL_TIME and sent.get("value") is None:
        return {"value": 0, "unit": "DAY"}
    value = a_whole_number(sent.get("value"), f"{path}.value", least=-_MOST["MINUTE"])
    return {"value": value, "unit": a_choice(sent.get("unit"), f"{path}.unit", units)}


def _property(sent: Any, path: str) -> str:
    text = a_text(sent, path)
    holder, dot, rest = text.partition(".")
    if holder not in HOLDERS or not dot or not rest:
        allowed = ", ".join(f"{each}.<name>" for each in HOLDERS)
        raise refuse(path, f"must name metadata as one of: {allowed}")
    return text


def _time(sent: Any, path: str) -> str:
    if not isinstance(sent, str) or not _TIME.fullmatch(sent):
        raise refuse(path, "must be a time of day such as 09:30")
    return sent


def due_at(delay: Json, *, told_at: datetime, data: Json, zone: tzinfo) -> Due:
    """Return when the message about an event told at ``told_at`` is due.

    ``data`` is what the event carries. What counts from a date in metadata is never
    due where there is no date (``no_date``), or where its moment was over before the
    event (``date_passed``).
    """
    if not delay:
        return Due(told_at)
    start: datetime | None = told_at
    if delay["from"] == METADATA_DATE:
        start = moment_in(data, delay["property"], zone)
        if start is None:
            return Due(None, "no_date")
    try:
        at = _after(start or told_at, delay, zone)
        if delay["type"] == AT_LOCAL_TIME:
            at = _at_time(at, delay, zone, told_at)
    except OverflowError:
        return Due(None, "no_date")
    if at < told_at:
        return Due(None, "date_passed")
    return Due(at)


def moment_in(data: Json, path: str, zone: tzinfo) -> datetime | None:
    """Return the date or moment that metadata hold under ``path``, None for none.

    ``customer.trip`` is ``trip`` in the customer's metadata. A date is the midnight
    with which it begins in ``zone``, and so is a moment without an offset read.
    """
    holder, _, rest = path.partition(".")
    thing = data.get(holder)
    metadata = thing.get("metadata") if isinstance(thing, Mapping) else None
    found = metadata_value(metadata, rest) if isinstance(metadata, Mapping) else None
    if not isinstance(found, str):
        return None
    try:
        read = datetime.fromisoformat(found)
        aware = read if read.tzinfo else read.replace(tzinfo=zone)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _after(start: datetime, delay: Json, zone: tzinfo) -> datetime:
    value, unit = int(delay["value"]), delay["unit"]
    times = -1 if value < 0 else 1
    if unit in _SECONDS:
        duration = Duration(seconds=abs(value) * _SECONDS[unit])
    else:
        duration = Duration(days=abs(value) * (_WEEK if unit == "WEEK" else 1))
    return add(start, duration, zone, times)


def _at_time(
    moment: datetime, delay: Json, zone: tzinfo, told_at: datetime
) -> datetime:
    """Return the time of day on the day of ``moment``.

    What counts from the event and has no days to wait is the next such time: where
    today's is over, tomorrow's.
    """
    hour, minute = (int(part) for part in delay["time"].split(":"))
    day = moment.astimezone(zone).date()
    at = _on(day, time(hour, minute), zone)
    if delay["from"] == EVENT and at < told_at:
        return _on(day + timedelta(days=1), time(hour, minute), zone)
    return at


def _on(day: date, wall: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, wall, zone).astimezone(UTC)
