"""What was measured, as a table for people and as JSON."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Row:
    """A measure with the least (or ``at_most``) that it must be, and the goal."""

    measure: str
    ratio: float
    must: float
    goal: float
    at_most: bool = False

    @property
    def holds(self) -> bool:
        """Whether the measure is as good as it must be."""
        return self._reaches(self.must)

    @property
    def verdict(self) -> str:
        """``goal``, ``holds`` or ``FAILS``."""
        if self._reaches(self.goal):
            return "goal"
        return "holds" if self.holds else "FAILS"

    def _reaches(self, bar: float) -> bool:
        return self.ratio <= bar if self.at_most else self.ratio >= bar


@dataclass(frozen=True, slots=True)
class Report:
    """One run: rates, measures, the latencies behind the curves in ms, faults.

    ``limits`` are ratios that nothing here can pass, to read the measures by.
    """

    per_second: Mapping[str, float]
    rows: Sequence[Row]
    latencies: Mapping[str, Mapping[str, float]]
    faults: Sequence[str]
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def failed(self) -> list[Row]:
        """The measures that are not as good as they must be."""
        return [row for row in self.rows if not row.holds]

    def show(self) -> None:
        """Print the tables and the JSON, and keep the JSON with the data."""
        for name, rate in self.per_second.items():
            say(f"{name:<44}{rate:>10.1f} /s")
        say(f"\n{'milliseconds, median':<44}")
        for measure, sizes in self.latencies.items():
            points = "  ".join(f"{size}: {took:.1f}" for size, took in sizes.items())
            say(f"{measure:<44}  {points}")
        say(f"\n{'measure':<44}{'ratio':>10}{'must':>10}{'goal':>10}")
        for row in self.rows:
            figures = f"{row.ratio:>10.2f}{row.must:>10.2f}{row.goal:>10.2f}"
            say(f"{row.measure:<44}{figures}  {row.verdict}")
        for limit, ratio in self.limits.items():
            say(f"{limit:<44}{ratio:>10.2f}  limit")
        for fault in self.faults:
            say(f"FAULT {fault}")
        result = {
            "per_second": self.per_second,
            "milliseconds": self.latencies,
            "limits": self.limits,
            "rows": [asdict(row) | {"verdict": row.verdict} for row in self.rows],
            "faults": self.faults,
        }
        keep("bench.json", result)
        say(json.dumps(result))


def keep(name: str, result: Mapping[str, Any]) -> None:
    """Keep what was found with the data, under ``name``."""
    Path(settings.DATA_DIR, name).write_text(json.dumps(result, indent=2))


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
