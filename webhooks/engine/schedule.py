"""When a sendout that failed is tried again, and when an endpoint is left alone.

Source: platform specification, "Delivery contract".
"""

from datetime import datetime, timedelta

_MINUTES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 24 * 60)
#: After the first attempt, counted from it.
RETRIES = tuple(timedelta(minutes=each) for each in _MINUTES)
#: So many failures in a row, whatever they were about, open the circuit.
FAILURES_IN_A_ROW = 5
_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=1)
_DOUBLINGS = 5


def next_attempt_at(first_at: datetime, attempts: int) -> datetime | None:
    """Return when to try again after ``attempts`` attempts, None when all are used.

    ``first_at`` is when the first one was made.
    """
    if attempts > len(RETRIES):
        return None
    return first_at + RETRIES[attempts - 1]


def paused_until(failures: int, now: datetime) -> datetime | None:
    """Return until when an endpoint is left alone after ``failures`` in a row.

    None while it is not: then, and once the pause is over, one sendout goes out to see.
    """
    beyond = failures - FAILURES_IN_A_ROW
    if beyond < 0:
        return None
    doublings: int = 2 ** min(beyond, _DOUBLINGS)
    return now + min(_FIRST_PAUSE * doublings, _LONGEST_PAUSE)
