"""What services are called with, sealed into JSON and opened again."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

_KINDS: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "decimal": Decimal,
}
_MARK = "$value"


def sealed(value: Any) -> Any:
    """Return ``value`` as JSON holds it; moments and decimals carry their kind.

    Raises:
        TypeError: something that no service takes from a form.
    """
    if isinstance(value, dict):
        return {str(key): sealed(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [sealed(one) for one in value]
    # A moment is a date too, so it is asked first.
    for kind, family in (
        ("datetime", datetime),
        ("date", date),
        ("time", time),
    ):
        if isinstance(value, family):
            return {_MARK: kind, "as": value.isoformat()}
    if isinstance(value, Decimal):
        return {_MARK: "decimal", "as": str(value)}
    if value is None or isinstance(value, (str, int, float)):
        return value
    msg = f"{type(value).__name__} cannot be kept in a request"
    raise TypeError(msg)


def opened(value: Any) -> Any:
    """Return what ``sealed`` was given."""
    if isinstance(value, list):
        return [opened(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {_MARK, "as"}:
        return _KINDS[value[_MARK]](value["as"])
    return {key: opened(one) for key, one in value.items()}
