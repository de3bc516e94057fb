"""Who gets something while the limits last.

What one event makes one customer get is counted once, through however many channels it
goes. The ceiling of a project counts messages.

Source: campaigns specification, "Distributions".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

#: Subject and bucket of a count.
Key = tuple[str, str]
TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What one event makes one customer get of a distribution.

    ``id`` names it, ``messages`` is through how many channels it goes.
    """

    id: str
    distribution_id: str
    customer_id: str
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What limits the occasions of a project on one day.

    ``limits`` are those of each distribution, ``ceiling`` is how many messages may go
    out that ``day`` (``2026-03-10``) in all, None for any number.
    """

    project_id: str
    day: str
    limits: Mapping[str, Mapping[str, int]]
    ceiling: int | None = None

    def keys_of(self, occasion: Occasion) -> list[tuple[Key, int, int, str]]:
        """Return what an occasion is counted by: key, amount, most and reason.

        The order is that in which a refusal is reported.
        """
        mine = self.limits.get(occasion.distribution_id, {})
        named = (
            ("max_total", TOTAL, "limit_total"),
            ("max_per_customer", f"customer:{occasion.customer_id}", "limit_customer"),
            ("per_day", f"day:{self.day}", "limit_day"),
        )
        found = [
            ((occasion.distribution_id, bucket), 1, mine[name], reason)
            for name, bucket, reason in named
            if name in mine
        ]
        if self.ceiling is not None:
            key = (self.project_id, f"day:{self.day}")
            found.append((key, occasion.messages, self.ceiling, CEILING))
        return found


#: The reason of who waits for tomorrow.
CEILING = "daily_ceiling"


@dataclass(frozen=True, slots=True)
class Admission:
    """Who is admitted: the amounts to add by key, and the reasons of the others."""

    claims: Mapping[Key, int] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


def keys_asked(occasions: Iterable[Occasion], bounds: Bounds) -> dict[Key, int]:
    """Return the counts that decide about ``occasions``, and the most of each."""
    return {
        key: most
        for occasion in occasions
        for key, _, most, _ in bounds.keys_of(occasion)
    }


def admit(
    occasions: Sequence[Occasion], bounds: Bounds, used: Mapping[Key, int]
) -> Admission:
    """Admit occasions in their order while every count has room.

    ``used`` is what the counts stand at, 0 where nothing is said. One that is refused
    takes nothing from any count.
    """
    claims: dict[Key, int] = {}
    refused: dict[str, str] = {}
    for occasion in occasions:
        asked = bounds.keys_of(occasion)
        full = (
            reason
            for key, amount, most, reason in asked
            if used.get(key, 0) + claims.get(key, 0) + amount > most
        )
        reason = next(full, "")
        if reason:
            refused[occasion.id] = reason
            continue
        for key, amount, _, _ in asked:
            claims[key] = claims.get(key, 0) + amount
    return Admission(claims, refused)
