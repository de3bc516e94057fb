"""Reading single query parameters, refusing what is out of shape."""

from collections.abc import Collection
from datetime import datetime

from django.http import QueryDict

from promo.api.fields import NO_MOMENT, moment_or_none
from promo.errors import InvalidQueryParams

_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_MOST_DIGITS = 12


def text(query: QueryDict, name: str) -> str | None:
    """Return a parameter as sent; an empty one counts as not sent."""
    return query.get(name) or None


def required_text(query: QueryDict, name: str) -> str:
    """Return a parameter that must be there.

    Raises:
        InvalidQueryParams: it is not.
    """
    found = text(query, name)
    if found is None:
        raise InvalidQueryParams(f"Query should have required property '{name}'")
    return found


def whole_number(
    query: QueryDict, name: str, *, least: int, most: int, default: int
) -> int:
    """Return an integer between ``least`` and ``most``.

    Raises:
        InvalidQueryParams: it is no integer or out of range.
    """
    sent = text(query, name)
    if sent is None:
        return default
    digits = sent.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidQueryParams(f"Property .{name} must be integer")
    sign = "-" if sent.startswith("-") else ""
    number = int(sign + digits[:_MOST_DIGITS])
    if number > most:
        raise InvalidQueryParams(f"Property .{name} must be <= {most}")
    if number < least:
        raise InvalidQueryParams(f"Property .{name} must be >= {least}")
    return number


def flag(query: QueryDict, name: str, *, default: bool = False) -> bool:
    """Return a boolean.

    Raises:
        InvalidQueryParams: it is neither ``true`` nor ``false``.
    """
    sent = text(query, name)
    if sent is None:
        return default
    if sent.lower() not in _FLAGS:
        raise InvalidQueryParams(f"Property .{name} must be boolean")
    return _FLAGS[sent.lower()]


def choice(query: QueryDict, name: str, choices: Collection[str]) -> str | None:
    """Return one of ``choices``, None where nothing is sent.

    Raises:
        InvalidQueryParams: it is none of them.
    """
    sent = text(query, name)
    if sent is not None and sent not in choices:
        allowed = f"[ {', '.join(choices)} ]"
        raise InvalidQueryParams(
            f"Property .{name} must be equal to one of the allowed values {allowed}"
        )
    return sent


def moment(query: QueryDict, name: str) -> datetime | None:
    """Return a moment, None where nothing is sent.

    Raises:
        InvalidQueryParams: it is no ISO 8601 date or date-time.
    """
    sent = text(query, name)
    return None if sent is None else moment_in(sent, name)


def moment_in(sent: str, name: str) -> datetime:
    """Return the moment that the value of parameter ``name`` means.

    A plus sign that was not encoded arrives as a space, so that is read back.

    Raises:
        InvalidQueryParams: it is no ISO 8601 date or date-time.
    """
    found = moment_or_none(sent) or moment_or_none(sent.replace(" ", "+"))
    if found is None:
        raise InvalidQueryParams(f"Property .{name} {NO_MOMENT}")
    return found
