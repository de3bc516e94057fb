"""Facts and expected values of rules, as the trace writes them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from campaigns.engine.rules import Target


def as_json(value: Any) -> Any:
    """Return a fact or an expected value as JSON writes it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    if isinstance(value, Target):
        return {"object": value.object, "id": value.id, "source_id": value.source_id}
    if isinstance(value, frozenset | set | tuple | list):
        listed = sorted(value) if isinstance(value, frozenset | set) else value
        return [as_json(member) for member in listed]
    return value
