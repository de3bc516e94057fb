"""CSV for spreadsheets: a row at a time, and nothing that a sheet would run."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

# A cell that starts with one of these is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Tells spreadsheets that the file is UTF-8.
_MARK = "\ufeff"


def cell(value: Any) -> str:
    """Return ``value`` as text that a spreadsheet takes for what it is.

    Text that would be a formula gets an apostrophe in front; numbers stay numbers,
    negative ones too. Moments are written to the second in their own zone.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, int | Decimal):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Return the lines of a file, made as they are asked for."""
    writer = csv.writer(_Line())
    yield _MARK + writer.writerow(header)
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


class _Line:
    """Hands each line back to whoever writes it, instead of keeping it."""

    def write(self, line: str) -> str:
        return line
