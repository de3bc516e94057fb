"""The table that ``make proof`` shows at the end."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

Shown = Callable[[str, int, int, Mapping[str, int], int], None]

_ROWS: list[tuple[str, ...]] = [
    (
        "limit",
        "reached",
        "allowed",
        "done",
        "killed",
        "deadlocks",
        "refused",
        "drift",
    )
]


@pytest.fixture(scope="session")
def shown() -> Shown:
    """Add a row to the table."""

    def add(
        name: str, reached: int, allowed: int, outcomes: Mapping[str, int], drift: int
    ) -> None:
        ends = [outcomes.get(end, 0) for end in ("done", "killed", "deadlock")]
        refused = sum(outcomes.values()) - sum(ends)
        numbers = (reached, allowed, *ends, refused, drift)
        _ROWS.append((name, *map(str, numbers)))

    return add


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Write the table, when there is one."""
    if len(_ROWS) == 1:
        return
    widths = [max(map(len, column)) for column in zip(*_ROWS, strict=True)]
    for name, *numbers in _ROWS:
        cells = [
            number.rjust(width)
            for number, width in zip(numbers, widths[1:], strict=True)
        ]
        terminalreporter.write_line("  ".join([name.ljust(widths[0]), *cells]))
