"""Finding values for placeholders, and writing them as people read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from promo.money import in_major_units
from webhooks.engine.json_text import as_sent

#: How a value can be written besides as it is.
FORMS = ("money", "date")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS = {
    "en": "{day} {name} {year}",
    "de": "{day}.{month}.{year}",
    "fr": "{day:02}/{month:02}/{year}",
    "es": "{day:02}/{month:02}/{year}",
    "it": "{day:02}/{month:02}/{year}",
    "pt": "{day:02}/{month:02}/{year}",
    "pl": "{day:02}.{month:02}.{year}",
    "nl": "{day:02}-{month:02}-{year}",
}
_ISO = "{year}-{month:02}-{day:02}"


@dataclass(frozen=True, slots=True)
class Voice:
    """In whose words values are written: language, currency and time zone."""

    language: str = "en"
    currency: str = "USD"
    zone: tzinfo = UTC


def lookup(data: Any, path: Sequence[str | int]) -> Any:
    """Return the value at a path; None where there is none.

    A key that has dots itself, such as ``a.b``, goes before a path of two keys.
    """
    found = data
    for place, step in enumerate(path):
        rest = ".".join(map(str, path[place:]))
        if isinstance(found, Mapping) and rest in found:
            return found[rest]
        found = _step(found, step)
    return found


def _step(value: Any, step: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(str(step))
    if isinstance(value, list | tuple) and str(step).isdecimal():
        place = int(step)
        return value[place] if place < len(value) else None
    return None


def written(value: Any, form: str, voice: Voice) -> str:
    """Return ``value`` as text; what does not fit the form is written as it is."""
    if form == "money" and isinstance(value, int) and not isinstance(value, bool):
        return f"{in_major_units(value):,.2f} {voice.currency}"
    day = _day(value, voice.zone) if form == "date" else None
    if day is not None:
        shown = _DAYS.get(voice.language.partition("-")[0].lower(), _ISO)
        name = _MONTHS[day.month - 1]
        return shown.format(day=day.day, month=day.month, name=name, year=day.year)
    return value if isinstance(value, str) else as_sent(value)


def _day(value: Any, zone: tzinfo) -> date | None:
    """Return the day that a moment falls on where the reader is."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return moment.astimezone(zone).date() if moment.tzinfo else moment.date()
    except OverflowError:
        return None
