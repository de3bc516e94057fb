"""When something is valid: dates, repeating windows, weekdays and hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Validity:
    """Time limits as stored; every wall-clock part is in the project's zone.

    ``timeframe`` holds ISO 8601 durations ``{"duration", "interval"}``, ``days``
    weekdays 0 (Sunday) to 6, ``hours`` the ``daily`` list of happy hours.
    ``anchor`` is where the repeating window starts counting.
    """

    start: datetime | None = None
    expiration: datetime | None = None
    timeframe: Mapping[str, str] | None = None
    days: tuple[int, ...] = ()
    hours: tuple[Mapping[str, Any], ...] = ()
    anchor: datetime | None = None
