"""A validation session as asked for: its key, and how long it holds things.

Source: engine specification, "Sessions".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from campaigns.engine.numbers import json_number

LOCK = "LOCK"
DEFAULT_TTL, DEFAULT_UNIT = 7, "DAYS"
_LONGEST = 3650 * 86_400_000_000

_MICROSECOND = Decimal(1)
#: Microseconds in each unit that a time to live may be given in.
UNITS: Mapping[str, Decimal] = {
    "DAYS": 86_400_000_000 * _MICROSECOND,
    "HOURS": 3_600_000_000 * _MICROSECOND,
    "MINUTES": 60_000_000 * _MICROSECOND,
    "SECONDS": 1_000_000 * _MICROSECOND,
    "MILLISECONDS": 1_000 * _MICROSECOND,
    "MICROSECONDS": _MICROSECOND,
    "NANOSECONDS": _MICROSECOND / 1_000,
}


@dataclass(frozen=True, slots=True)
class Session:
    """What a request says of a session; ``ttl`` counts ``unit``.

    It ``opens`` one when it names the type; a key alone says whose locks are one's
    own.
    """

    key: str
    opens: bool
    ttl: Decimal = Decimal(DEFAULT_TTL)
    unit: str = DEFAULT_UNIT

    @property
    def lasts(self) -> timedelta:
        """How long what it locks stays locked, ten years at most."""
        wanted = int(self.ttl * UNITS[self.unit])
        return timedelta(microseconds=min(wanted, _LONGEST))

    def expires_at(self, now: datetime) -> datetime:
        """Return when what is locked at ``now`` is free again."""
        return now + self.lasts

    def as_json(self) -> dict[str, Any]:
        """Return the session as an answer shows it."""
        ttl = json_number(self.ttl)
        return {"key": self.key, "type": LOCK, "ttl": ttl, "ttl_unit": self.unit}
