"""How a budget is used up: what is left, what was planned, and when it runs out.

Money is minor units. The forecast goes on at the pace of late: the last seven days, or
all the time there was if that is shorter.

Source: campaigns specification, "Budgets, limits, calendar".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

PACE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit over a time; ``end`` is None for one without an end."""

    limit: int
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """What was used from ``at`` on, before ``until``."""

    at: datetime
    until: datetime
    used: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """What is left when the step from ``at`` on is over.

    None where it is not known yet, not planned, or not foreseen because it is known.
    """

    at: datetime
    left: int | None
    planned: int | None
    foreseen: int | None


def runs_out_at(
    left: int, recent: int, over: timedelta, now: datetime
) -> datetime | None:
    """Return when ``left`` is used up if ``recent`` in the time ``over`` goes on.

    None where nothing is used, or not within a hundred years. With nothing left it is
    now.
    """
    if left <= 0:
        return now
    if recent <= 0 or over <= timedelta(0):
        return None
    rest = left * over.total_seconds() / recent
    century = timedelta(days=36_500).total_seconds()
    return now + timedelta(seconds=rest) if rest < century else None


def pace_since(budget: Budget, now: datetime) -> datetime:
    """Return since when the pace is measured."""
    return max(budget.start, now - PACE)


def planned_left(budget: Budget, at: datetime) -> int | None:
    """Return what an even use would leave at a moment, None without an end."""
    if budget.end is None or budget.end <= budget.start:
        return None
    share = (at - budget.start) / (budget.end - budget.start)
    return round(budget.limit * (1 - min(1.0, max(0.0, share))))


def burn_down(
    budget: Budget,
    steps: Sequence[Step],
    used: int,
    now: datetime,
    runs_out: datetime | None,
) -> Iterator[Point]:
    """Yield what is left at the end of each step, of the current one as of ``now``.

    The steps cover the time to be shown, in order. What was used before the first one
    is what ``used`` has beside them.
    """
    left_now = max(0, budget.limit - used)
    left = budget.limit - used + sum(step.used for step in steps)
    for step in steps:
        left -= step.used
        yield Point(
            at=step.at,
            left=max(0, left) if step.at <= now else None,
            planned=planned_left(budget, step.until),
            foreseen=_foreseen(left_now, step, now, runs_out),
        )


def _foreseen(
    left: int, step: Step, now: datetime, runs_out: datetime | None
) -> int | None:
    """Return what the pace leaves; the current step begins it with what is left."""
    if step.until <= now:
        return None
    if step.at <= now or runs_out is None:
        return left
    if step.until >= runs_out:
        return 0
    return round(left * ((runs_out - step.until) / (runs_out - now)))
