"""What a readiness check says."""

from collections.abc import Callable
from dataclasses import dataclass

#: So long a check waits for another program's answer.
PATIENCE_SECONDS = 2
#: Backlogs are counted so far and no further.
MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to be right before requests are sent here."""

    name: str
    passed: bool
    expected: str
    found: str


def of_backlog(name: str, count: Callable[[int], int], limit: int | None) -> Check:
    """Return whether what waits stays within ``limit``; None admits any number.

    ``count`` counts as far as it is told.
    """
    most = MOST_COUNTED if limit is None else limit + 1
    found = count(most)
    return Check(
        name,
        passed=limit is None or found <= limit,
        expected="any number waiting" if limit is None else f"at most {limit} waiting",
        found=f"{found} waiting" if found < most else f"{most} or more waiting",
    )
