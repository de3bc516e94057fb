"""The values of a rule's conditions: what each operator takes, and their types.

Source: rules specification, "Operators", "Order item rules".
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from decimal import Decimal
from typing import Any

from campaigns.engine.rule_catalogue import (
    COUNTS,
    DAY_DISTANCES,
    MOMENTS,
    ONE_VALUE,
    ORDERING,
    TEXTUAL,
    Operand,
    RuleKind,
)
from campaigns.engine.rules import ItemObject, Target
from campaigns.engine.timeframes import (
    absolute_frame,
    daily_frame,
    repeating_frame,
)
from promo.calendar_windows import WEEK
from promo.comparison import as_boolean, as_moment, as_number
from promo.errors import BadRequest

OBJECTS: Mapping[str, ItemObject] = {
    "product": "product",
    "sku": "sku",
    "products_collection": "products_collection",
}
PREFIXES: Mapping[str, ItemObject] = {
    "prod_": "product",
    "sku_": "sku",
    "pc_": "products_collection",
}


def invalid(details: str) -> BadRequest:
    """Return the refusal of a rule definition."""
    return BadRequest(
        "invalid_validation_rules", "Invalid Validation Rule Definition", details
    )


def check_values(
    kind: RuleKind, operator: str, values: Sequence[Any], path: str
) -> None:
    """Refuse values that the operator, or the rule, cannot be compared with.

    Raises:
        BadRequest: ``invalid_validation_rules``; none or too many values, or one of
            another type.
    """
    if not values:
        raise invalid(f"Property {path} must have at least one value")
    is_item = kind.operand is Operand.ITEM
    if operator in ONE_VALUE and len(values) > 1 and not is_item:
        raise invalid(f"Property {path} must have exactly one value")
    wanted, fits = _expected(kind, operator)
    for index, value in enumerate(values):
        if not fits(value):
            raise invalid(f"Property {path}[{index}] must be {wanted}")


def compiled_values(kind: RuleKind, values: Sequence[Any]) -> tuple[Any, ...]:
    """Return checked values as they are compared: items become targets."""
    if kind.operand is Operand.ITEM:
        return tuple(target_of(value) for value in values)
    if kind.operand is Operand.BOOLEAN:
        return tuple(as_boolean(value) for value in values)
    return tuple(values)


def target_of(entry: Any) -> Target:
    """Read a checked entry: an id alone, or an object naming id or source id.

    What it is, the object says, else the id's prefix.
    """
    if isinstance(entry, str):
        return Target(_by_prefix(entry), entry)
    found = next(
        (OBJECTS[entry[name]] for name in ("object", "type") if _named(entry, name)),
        None,
    )
    identifier, source_id = entry.get("id") or None, entry.get("source_id") or None
    return Target(found or _by_prefix(identifier or ""), identifier, source_id)


def _named(entry: Mapping[str, Any], name: str) -> bool:
    value = entry.get(name)
    return isinstance(value, str) and value in OBJECTS


def _by_prefix(identifier: str) -> ItemObject | None:
    for prefix, kind in PREFIXES.items():
        if identifier.startswith(prefix):
            return kind
    return None


Fits = Callable[[Any], bool]


def _expected(kind: RuleKind, operator: str) -> tuple[str, Fits]:
    """Return the type that the values must have, in words and as a test."""
    by_operator = _BY_OPERATOR.get(operator)
    if by_operator is not None and kind.operand is Operand.ANY:
        return by_operator
    return _BY_OPERAND[kind.operand]


def _is_number(value: Any) -> bool:
    return not isinstance(value, str) and as_number(value) is not None


def _is_whole_number(value: Any) -> bool:
    number = None if isinstance(value, str) else as_number(value)
    return number is not None and number == number.to_integral_value()


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | bool) or _is_number(value)


def _is_orderable(value: Any) -> bool:
    return isinstance(value, str) or _is_number(value)


def _is_boolean(value: Any) -> bool:
    return as_boolean(value) is not None


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and as_moment(value, UTC) is not None


def _is_distance(value: Any) -> bool:
    number = as_number(value)
    return number is not None and number >= 0


def _is_weekday(value: Any) -> bool:
    return as_number(value) in {Decimal(day) for day in range(WEEK)}


def _is_item(value: Any) -> bool:
    if isinstance(value, str):
        return value != ""
    if not isinstance(value, Mapping):
        return False
    names = [value.get("id"), value.get("source_id")]
    known = [name for name in names if name is not None]
    return all(isinstance(name, str) for name in known) and any(known)


_BY_OPERAND: Mapping[Operand, tuple[str, Fits]] = {
    Operand.NUMBER: ("integer", _is_whole_number),
    Operand.TEXT: ("string", _is_text),
    Operand.BOOLEAN: ("boolean", _is_boolean),
    Operand.ANY: ("string, number or boolean", _is_scalar),
    Operand.ITEM: ("a product, SKU or products collection", _is_item),
}

_BY_OPERATOR: dict[str, tuple[str, Fits]] = {
    "$dow": ("a weekday from 0 to 6", _is_weekday),
    "$timeframe": (
        "a repeating window 'start;interval;duration'",
        lambda value: repeating_frame(value, UTC) is not None,
    ),
    "$timeframe_absolute": (
        "a period 'from;to'",
        lambda value: absolute_frame(value, UTC) is not None,
    ),
    "$timeframe_daily_hours": (
        "hours 'HH:mm;HH:mm;days'",
        lambda value: daily_frame(value) is not None,
    ),
    **dict.fromkeys(TEXTUAL, ("string", _is_text)),
    **dict.fromkeys(ORDERING, ("string or number", _is_orderable)),
    **dict.fromkeys(MOMENTS, ("an ISO-8601 date", _is_date)),
    **dict.fromkeys(DAY_DISTANCES | COUNTS, ("a number not below 0", _is_distance)),
}
