"""A formula worked out on facts given by name."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.engine.formulas.evaluation import evaluate
from campaigns.engine.formulas.parsing import parse_formula
from campaigns.engine.formulas.values import of_metadata
from promo.calendar_windows import Calendar

WARSAW = ZoneInfo("Europe/Warsaw")
#: Half past midnight on 15 March in Warsaw.
CALENDAR = Calendar(datetime(2027, 3, 14, 23, 30, tzinfo=UTC), WARSAW)


class Known:
    """Operands by name; metadata by its key."""

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        self.asked: list[str] = []

    def value(self, name: str, key: str | None) -> Any:
        self.asked.append(name)
        known = self.facts.get(key or name)
        return known if key is None else of_metadata(known)


def worth(text: str, **facts: Any) -> Decimal:
    """Return what a formula comes to."""
    return evaluate(parse_formula(text), Known(**facts), CALENDAR)
