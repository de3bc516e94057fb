"""Records that cannot be taken: what is written about them, and taking it off again.

Source: integrations specification, "Subscribing".
"""

from collections.abc import Sequence
from dataclasses import dataclass

_PREFIX = "dlq_"
LONGEST_ERROR = 1_000
#: So often the same failure is met before a record is given up.
MOST_ATTEMPTS = 5
#: Why PostgreSQL is away rather than at odds with a statement.
_OUTAGES = ("08", "53", "57P")

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """Why a record was given up, after how many attempts, where it stood and when."""

    error: str
    attempts: int
    topic: str
    partition: int
    offset: int
    time: str


def with_death(headers: Headers, death: Death) -> list[tuple[str, bytes | None]]:
    """Return the headers of a dead letter: those of the record, and why it died."""
    told = {
        "error": death.error[:LONGEST_ERROR],
        "attempts": str(death.attempts),
        "topic": death.topic,
        "partition": str(death.partition),
        "offset": str(death.offset),
        "time": death.time,
    }
    return [
        *without_death(headers),
        *((_PREFIX + name, text.encode()) for name, text in told.items()),
    ]


def without_death(headers: Headers) -> list[tuple[str, bytes | None]]:
    """Return the headers that a record had before it died."""
    return [each for each in headers if not each[0].startswith(_PREFIX)]


def is_outage(sqlstate: str | None) -> bool:
    """Say whether a failure of the database is no record's fault: it cannot be reached.

    Without a code nothing has been answered at all.
    """
    return sqlstate is None or sqlstate.startswith(_OUTAGES)
