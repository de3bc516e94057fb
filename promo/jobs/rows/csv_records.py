"""Reading the records of a CSV file from anywhere in it, whatever its bytes are.

A record that cannot be read is a problem of its own: reading goes on behind it, at the
next line where quotes have swallowed what follows.

Source: data specification, "CSV imports".
"""

import csv
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from typing import Protocol

#: The longest record, quotes and line ends included.
MOST_BYTES = 131_072
NOT_UTF8 = "The row is not UTF-8 text"
WITH_NUL = "The row holds a NUL character"
TOO_LONG = f"The row is longer than {MOST_BYTES:,} bytes"
BAD_QUOTES = "The quotes of the row do not match"
_MARK = b"\xef\xbb\xbf"


class Opened(Protocol):
    """What is read: bytes, a line at a time."""

    def readline(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its cells, or what is wrong; ``end`` is the offset behind it."""

    cells: list[str]
    end: int
    problem: str = ""


class _TooLongError(Exception):
    pass


class _Lines:
    """The lines behind an offset, as text; notes what is wrong with the record."""

    def __init__(self, stream: Opened, offset: int) -> None:
        self._stream = stream
        self.end = offset
        self.begin_record()

    def begin_record(self) -> None:
        """Forget the record that has been read."""
        self.start = self.end
        self.first_end = 0
        self.problem = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = self._stream.readline(MOST_BYTES + 1)
        if not raw:
            raise StopIteration
        if not self.end and raw.startswith(_MARK):
            self.end, raw = len(_MARK), raw[len(_MARK) :]
        self.end += len(raw)
        if self.end - self.start > MOST_BYTES:
            if not self.first_end:
                self._skip_line(raw)
            raise _TooLongError
        self.first_end = self.first_end or self.end
        if b"\0" in raw:
            self.problem = WITH_NUL
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self.problem = NOT_UTF8
            return raw.decode(errors="replace")

    def _skip_line(self, raw: bytes) -> None:
        while raw and not raw.endswith(b"\n"):
            raw = self._stream.readline(MOST_BYTES)
            self.end += len(raw)
        self.first_end = self.end


def csv_records(
    opened_at: Callable[[int], BufferedIOBase], offset: int
) -> Iterator[Record]:
    """Return the records behind ``offset``, where one begins; empty lines are none.

    ``opened_at`` opens the file at an offset.
    """
    while True:
        lines = _Lines(opened_at(offset), offset)
        wrong = yield from _until_broken(lines)
        if not wrong:
            return
        offset = lines.first_end
        yield Record([], offset, wrong)


def _until_broken(lines: _Lines) -> Generator[Record, None, str]:
    """Return records up to one that breaks the reader; return what breaks it."""
    reader = csv.reader(lines, strict=True)
    while True:
        lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return ""
        except _TooLongError:
            return TOO_LONG
        except csv.Error:
            return lines.problem or BAD_QUOTES
        if cells:
            yield Record(cells, lines.end, lines.problem)
