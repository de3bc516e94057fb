"""What conditions of PostgreSQL are put together from.

A text and its parameters stay side by side, so that no value is ever part of a text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from promo.comparison import Kind

#: What no row satisfies, and what every one does.
NEVER, ALWAYS = "FALSE", "TRUE"


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of a statement and its parameters, in their order."""

    text: str
    values: tuple[Any, ...] = ()

    def __add__(self, other: "Sql") -> "Sql":
        return Sql(self.text + other.text, self.values + other.values)


@dataclass(frozen=True, slots=True)
class Fact:
    """What stands at a path, NULL where nothing does.

    It is JSON, or with ``single`` one value: JSON that is no array, or a column of
    type ``text``, ``date`` or ``timestamptz``.
    """

    sql: Sql
    kind: Kind | None = None
    single: bool = False


def joined(parts: Sequence[Sql], word: str) -> Sql:
    """Return conditions joined by a word; none of them put no condition."""
    if not parts:
        return Sql(ALWAYS)
    text = word.join(f"({part.text})" for part in parts)
    return Sql(text, tuple(value for part in parts for value in part.values))
