"""What the cells of a CSV row stand for.

Every function takes the text of a cell that is not empty and returns its value, or
raises ``RowRefused`` with the sentence for the report.

Source: data specification, "CSV imports".
"""

import csv
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from promo.errors import PromoError
from promo.metadata_schemas.engine.definitions import Definition
from promo.metadata_schemas.known import known_schemas
from promo.money import round_half_up
from promo.tenancy.models import Project

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:T(\d{2})(?::(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?)?"
    r"(Z|[+-]\d{2}:\d{2})?",
    re.ASCII,
)
_BOOLEANS = {"true": True, "false": False, "null": None}
_MOST = 2**63 - 1

Cell = Callable[[str], Any]


class RowRefused(PromoError):
    """A row cannot be taken; ``details`` is the reason for the report."""

    key = "invalid_row"
    message = "Invalid row"


def text(cell: str) -> str:
    """Return the cell as it is."""
    return cell


def boolean(cell: str) -> bool | None:
    """Return ``true``, ``false`` or ``null`` in any case."""
    if cell.strip().lower() not in _BOOLEANS:
        raise RowRefused(f"'{cell}' must be true or false")
    return _BOOLEANS[cell.strip().lower()]


def day(cell: str) -> date:
    """Return the day of a date or a date-time, in UTC."""
    if _DATE.fullmatch(cell):
        with suppress(ValueError):
            return date.fromisoformat(cell)
    return moment(cell).date()


def moment(cell: str) -> datetime:
    """Return a moment; a date is its midnight, without an offset it is UTC."""
    found = _MOMENT.fullmatch(cell.strip())
    try:
        if found is None:
            raise ValueError(cell)
        on, hour, minute, second, fraction, zone = found.groups()
        micro = (fraction or "0").ljust(6, "0")
        written = f"{on}T{hour or '00'}:{minute or '00'}:{second or '00'}.{micro}"
        offset = "+00:00" if zone in {None, "Z"} else zone
        return datetime.fromisoformat(f"{written}{offset}").astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise RowRefused(f"'{cell}' must be an ISO 8601 date or date-time") from wrong


def number(cell: str) -> Decimal:
    """Return a number, exactly."""
    try:
        found = Decimal(cell.strip())
    except InvalidOperation as wrong:
        raise RowRefused(f"'{cell}' must be a number") from wrong
    if not found.is_finite() or abs(found) > _MOST:
        raise RowRefused(f"'{cell}' must be a number of a reasonable size")
    return found


def whole(cell: str) -> int:
    """Return a whole number."""
    found = number(cell)
    if found != found.to_integral_value():
        raise RowRefused(f"'{cell}' must be a whole number")
    return int(found)


def money(cell: str) -> int:
    """Return an amount of major units in minor ones, rounded half up."""
    minor = number(cell) * 100
    if abs(minor) > _MOST:
        raise RowRefused(f"'{cell}' must be an amount of a reasonable size")
    return round_half_up(minor)


def names(cell: str) -> list[str]:
    """Return a list written with commas in one cell."""
    try:
        found = next(csv.reader([cell], skipinitialspace=True), [])
    except csv.Error as wrong:
        raise RowRefused(f"'{cell}' must be a list with commas") from wrong
    return [each.strip() for each in found if each.strip()]


def json_number(cell: str) -> int | float:
    """Return a number as JSON has it."""
    found = number(cell)
    return int(found) if found == found.to_integral_value() else float(found)


def metadata_from(
    project: Project, resource: str, cells: Mapping[str, str]
) -> dict[str, Any]:
    """Return the metadata that cells hold, by the declared types of the project.

    An empty cell is null; what is not declared is text.
    """
    schema = known_schemas(project).schemas.get(resource)
    declared = {} if schema is None else schema.living
    return {
        key: _metadata_value(key, declared.get(key), cell)
        for key, cell in cells.items()
    }


def _metadata_value(key: str, definition: Definition | None, cell: str) -> Any:
    if not cell.strip():
        return None
    if definition is None:
        return cell
    read = _METADATA.get(definition.type, text)
    try:
        if definition.array:
            return [read(each) for each in names(cell)]
        return read(cell)
    except RowRefused:
        # The check against the schema says what it must be.
        return cell


def json_object(cell: str) -> Any:
    """Return an object written as JSON, with single quotes too."""
    for written in (cell, cell.replace("'", '"')):
        try:
            found = json.loads(written, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    raise RowRefused(f"'{cell}' must be an object")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def iso_day(cell: str) -> str:
    """Return a date as JSON has it."""
    if _DATE.fullmatch(cell.strip()) is None:
        raise RowRefused(f"'{cell}' must be an ISO 8601 date")
    return cell.strip()


_METADATA: Mapping[str, Cell] = {
    "number": json_number,
    "boolean": boolean,
    "date": iso_day,
    "object": json_object,
}
