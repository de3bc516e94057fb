"""Charts as Chart.js takes them, in colours that read on light and dark."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: Of labels and grids: both themes show it.
MUTED = "#9ca3af"
#: What stands in a legend: boxes for bars, strokes for lines.
_BOXES: dict[str, Any] = {"boxHeight": 8, "boxWidth": 8}
_STROKES: dict[str, Any] = {
    "boxWidth": 24,
    "usePointStyle": True,
    "pointStyle": "line",
    "pointStyleWidth": 24,
}
GREEN = "var(--color-primary-600)"
PALE = "var(--color-primary-300)"
RED = "#dc5a50"
GREY = "var(--color-base-300)"


@dataclass(frozen=True, slots=True)
class Series:
    """One line or row of bars; None leaves a gap."""

    label: str
    values: Sequence[float | None]
    colour: str
    dashed: bool = False


def bars(labels: Sequence[str], series: Sequence[Series]) -> str:
    """Return the data of stacked bars."""
    return _data(
        labels,
        [
            {
                "label": one.label,
                "data": one.values,
                "backgroundColor": one.colour,
                "borderRadius": 2,
            }
            for one in series
        ],
    )


def lines(labels: Sequence[str], series: Sequence[Series]) -> str:
    """Return the data of lines."""
    return _data(
        labels,
        [
            {
                "label": one.label,
                "data": one.values,
                "borderColor": one.colour,
                "backgroundColor": one.colour,
                "borderWidth": 2,
                "borderDash": [5, 4] if one.dashed else [],
                "pointRadius": 3 if len(labels) == 1 else 0,
                "pointHitRadius": 8,
                "spanGaps": False,
                "tension": 0,
            }
            for one in series
        ],
    )


def options(*, stacked: bool) -> str:
    """Return how a chart is drawn."""
    scale = {"stacked": stacked}
    drawn: dict[str, Any] = {
        "animation": False,
        "barPercentage": 0.75,
        "maintainAspectRatio": False,
        "responsive": True,
        "interaction": {"mode": "index", "intersect": False},
        "plugins": {
            "legend": {
                "display": True,
                "align": "end",
                "labels": {"color": MUTED, **(_BOXES if stacked else _STROKES)},
            },
            "tooltip": {"enabled": True},
        },
        "scales": {
            "x": {
                **scale,
                "grid": {"display": False},
                "ticks": {"color": MUTED, "maxRotation": 0, "maxTicksLimit": 10},
            },
            "y": {
                **scale,
                "beginAtZero": True,
                "border": {"display": False},
                "grid": {"lineWidth": 0.5},
                "ticks": {"color": MUTED, "maxTicksLimit": 6},
            },
        },
    }
    return json.dumps(drawn)


def _data(labels: Sequence[str], datasets: Sequence[Any]) -> str:
    return json.dumps({"labels": list(labels), "datasets": list(datasets)})
