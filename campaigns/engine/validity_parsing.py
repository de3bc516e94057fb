"""Reading time limits from a request, with the refusals of the API.

Source: campaigns specification, "Time limits"; rules specification, "Time limits".
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from campaigns.engine.validity import DAY, Validity, minutes
from promo.calendar_windows import WEEK
from promo.comparison import as_moment
from promo.durations import parse_duration
from promo.errors import InvalidPayload

CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", re.ASCII)
END_OF_DAY = frozenset({"24:00", "24:00:00"})
WEEK_LENGTH = WEEK * DAY


def parse_validity(body: Mapping[str, Any], path: str = "") -> Validity:
    """Read the time limits in the body of a campaign, voucher or tier.

    Fields: ``start_date``, ``expiration_date``, ``validity_timeframe``,
    ``validity_day_of_week`` and ``validity_hours``; absent and null are no limit.
    ``path`` goes before their names in refusals.

    Raises:
        InvalidPayload: a value of another shape, a combination not allowed, hours
            that overlap, or an expiration not after the start.
    """
    start = parse_moment(body.get("start_date"), f"{path}.start_date")
    validity = Validity(
        start=start,
        expiration=parse_moment(body.get("expiration_date"), f"{path}.expiration_date"),
        timeframe=parse_timeframe(
            body.get("validity_timeframe"), f"{path}.validity_timeframe"
        ),
        days=parse_days(
            body.get("validity_day_of_week"), f"{path}.validity_day_of_week"
        ),
        hours=parse_hours(body.get("validity_hours"), f"{path}.validity_hours"),
        anchor=start,
    )
    check_combination(validity, path)
    return validity


def check_combination(validity: Validity, path: str = "") -> None:
    """Refuse limits that do not go together.

    A service calls this on the merged result of an update.

    Raises:
        InvalidPayload: hours beside a timeframe or weekdays, a timeframe without
            a start, or an expiration not after the start.
    """
    if validity.hours and validity.timeframe:
        raise InvalidPayload(
            f"Property {path}.validity_hours cannot be combined with validity_timeframe"
        )
    if validity.hours and validity.days:
        raise InvalidPayload(
            f"Property {path}.validity_hours cannot be combined with "
            "validity_day_of_week"
        )
    if validity.timeframe and validity.start is None:
        raise InvalidPayload(
            f"Property {path}.start_date is required with validity_timeframe"
        )
    if (
        validity.start is not None
        and validity.expiration is not None
        and validity.expiration <= validity.start
    ):
        raise InvalidPayload(
            f"Property {path}.expiration_date must be after start_date"
        )


def parse_moment(value: Any, path: str) -> datetime | None:
    """Read an ISO 8601 date (midnight UTC) or date-time.

    Raises:
        InvalidPayload: it is neither.
    """
    if value is None:
        return None
    moment = as_moment(value, UTC) if isinstance(value, str) else None
    try:
        found = moment and moment.astimezone(UTC)
    except OverflowError:
        found = None
    if found is None:
        raise InvalidPayload(
            f"Property {path} cannot be recognized as a ISO-8601 compliant date"
        )
    return found


def parse_timeframe(value: Any, path: str) -> dict[str, str] | None:
    """Read ``{"duration", "interval"}``; no interval means one window.

    Raises:
        InvalidPayload: a duration is missing, malformed or zero.
    """
    if value is None or value == {}:
        return None
    if not isinstance(value, Mapping):
        raise InvalidPayload(f"Property {path} must be object")
    given = {
        name: value[name]
        for name in ("duration", "interval")
        if value.get(name) is not None
    }
    if "duration" not in given:
        raise InvalidPayload(
            f"Property {path} should have required property 'duration'"
        )
    return {name: _duration(text, f"{path}.{name}") for name, text in given.items()}


def _duration(text: Any, path: str) -> str:
    if not isinstance(text, str) or not parse_duration(text):
        raise InvalidPayload(f"Property {path} must be a positive ISO-8601 duration")
    return text


def parse_days(value: Any, path: str) -> tuple[int, ...]:
    """Read weekdays 0 (Sunday) to 6, without repeats; empty is no restriction.

    Raises:
        InvalidPayload: no array, or an element that is no weekday.
    """
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise InvalidPayload(f"Property {path} must be array")
    for index, day in enumerate(value):
        if isinstance(day, bool) or not isinstance(day, int) or not 0 <= day < WEEK:
            raise InvalidPayload(
                f"Property {path}[{index}] must be equal to one of the allowed values "
                "[ 0, 1, 2, 3, 4, 5, 6 ]"
            )
    return tuple(dict.fromkeys(value))


def parse_hours(value: Any, path: str) -> tuple[dict[str, Any], ...]:
    """Read the ``daily`` list of happy hours.

    Raises:
        InvalidPayload: another shape, or entries that overlap.
    """
    if value is None or value == {}:
        return ()
    daily = value.get("daily") if isinstance(value, Mapping) else value
    if not isinstance(value, Mapping) or not isinstance(daily, list | tuple | None):
        raise InvalidPayload(f"Property {path}.daily must be array")
    entries = tuple(
        _hours_entry(entry, f"{path}.daily[{index}]")
        for index, entry in enumerate(daily or ())
    )
    if _overlap(entries):
        raise InvalidPayload(f"Property {path}.daily must not have overlapping periods")
    return entries


def _hours_entry(entry: Any, path: str) -> dict[str, Any]:
    if not isinstance(entry, Mapping):
        raise InvalidPayload(f"Property {path} must be object")
    read: dict[str, Any] = {}
    for name in ("start_time", "expiration_time"):
        clock = entry.get(name)
        if clock is not None and clock != "":
            read[name] = _clock(clock, name, path)
    days = parse_days(entry.get("days_of_week"), f"{path}.days_of_week")
    if days:
        read["days_of_week"] = list(days)
    return read


def _clock(clock: Any, name: str, path: str) -> str:
    if isinstance(clock, str):
        if CLOCK.fullmatch(clock):
            return clock
        if name == "expiration_time" and clock in END_OF_DAY:
            return clock
    raise InvalidPayload(f"Property {path}.{name} must be in HH:mm format")


def _overlap(entries: tuple[dict[str, Any], ...]) -> bool:
    """Lay all periods on the minutes of one week and look at neighbours."""
    periods = sorted(period for entry in entries for period in _minutes_of_week(entry))
    return any(earlier[1] > later[0] for earlier, later in pairwise(periods))


def _minutes_of_week(entry: Mapping[str, Any]) -> list[tuple[int, int]]:
    start = minutes(entry.get("start_time"))
    end = minutes(entry.get("expiration_time"), is_end=True)
    length = end - start if end > start else end - start + DAY
    periods = []
    for day in entry.get("days_of_week") or range(WEEK):
        first = day * DAY + start
        last = first + length
        periods.append((first, min(last, WEEK_LENGTH)))
        if last > WEEK_LENGTH:
            periods.append((0, last - WEEK_LENGTH))
    return periods
