"""Numbers in a request body: whole ones, money, percentages.

Source: platform specification, "Catalogue" of errors.
"""

from decimal import Decimal
from typing import Any

from promo.comparison import as_number
from promo.errors import InvalidPayload

LARGEST = 2**53 - 1
#: How often a thing may be used, at most: what the column holds.
MOST_TIMES = 2**31 - 1


def whole_number(
    value: Any, path: str, *, least: int = 0, most: int = LARGEST
) -> int | None:
    """Read a whole number from ``least`` to ``most``; None when it is not sent.

    Raises:
        InvalidPayload: it is no number, not whole, or out of range.
    """
    if value is None:
        return None
    number = None if isinstance(value, str) else as_number(value)
    if number is None or number != number.to_integral_value():
        raise InvalidPayload(f"Property {path} must be integer")
    check_range(number, path, Decimal(least), Decimal(most))
    return int(number)


def percentage(value: Any, path: str) -> Decimal | None:
    """Read a percentage from 0 to 100, with decimals; None when it is not sent.

    Raises:
        InvalidPayload: it is no number or out of range.
    """
    if value is None:
        return None
    number = None if isinstance(value, str) else as_number(value)
    if number is None:
        raise InvalidPayload(f"Property {path} must be number")
    check_range(number, path, Decimal(0), Decimal(100))
    return number


def check_range(number: Decimal, path: str, least: Decimal, most: Decimal) -> None:
    """Refuse a number outside ``least`` to ``most``.

    Raises:
        InvalidPayload: naming the bound it breaks.
    """
    if number < least:
        raise InvalidPayload(f"Property {path} must be >= {least}")
    if number > most:
        raise InvalidPayload(f"Property {path} must be <= {most}")


def optional_text(value: Any, path: str) -> str | None:
    """Read a text; None when it is not sent or empty.

    Raises:
        InvalidPayload: it is no text.
    """
    if value is not None and not isinstance(value, str):
        raise InvalidPayload(f"Property {path} must be string")
    return value or None


def choice(value: Any, path: str, allowed: tuple[str, ...]) -> str | None:
    """Read one of a closed list of words; None when it is not sent.

    Raises:
        InvalidPayload: it is none of them.
    """
    if value is None:
        return None
    if not isinstance(value, str) or value not in allowed:
        raise InvalidPayload(
            f"Property {path} must be equal to one of the allowed values "
            f"[ {', '.join(allowed)} ]"
        )
    return value


def json_number(number: int | Decimal) -> int | float:
    """Return a number as JSON writes it: without a fraction when it has none."""
    return int(number) if number == int(number) else float(number)
