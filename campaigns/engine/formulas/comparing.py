"""Comparisons in formulas: numbers by value, texts as written, dates by the clock.

Source: rules specification, "Syntax".
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from campaigns.engine.formulas.dates import instant, whole_day
from campaigns.engine.formulas.values import NoValue, shown
from promo.comparison import as_number


def compare(operator: str, left: Any, right: Any, zone: tzinfo) -> bool:
    """Say whether ``left operator right`` holds.

    Raises:
        NoValue: the two cannot be compared so.
    """
    return _COMPARISONS[operator](left, right, zone)


def _equal(left: Any, right: Any, zone: tzinfo) -> bool:
    if isinstance(left, tuple) or isinstance(right, tuple):
        return bool(left == right)
    if _is_date(left) or _is_date(right):
        return instant(left, zone) == instant(right, zone)
    numbers = _as_number(left), _as_number(right)
    if None not in numbers:
        return numbers[0] == numbers[1]
    return _text(left) == _text(right)


def _order(left: Any, right: Any, zone: tzinfo) -> int:
    if _is_date(left) or _is_date(right):
        moments = instant(left, zone), instant(right, zone)
        return (moments[0] > moments[1]) - (moments[0] < moments[1])
    numbers = _as_number(left), _as_number(right)
    if numbers[0] is None or numbers[1] is None:
        wrong = left if numbers[0] is None else right
        msg = f"{shown(wrong)} is not a number"
        raise NoValue(msg)
    return (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])


def _is(left: Any, right: Any, zone: tzinfo) -> bool:
    """Some element of an array, else the value itself, equals ``right``."""
    return any(_equal(element, right, zone) for element in _elements(left))


def _contains(left: Any, right: Any, zone: tzinfo) -> bool:
    if isinstance(left, tuple):
        return _is(left, right, zone)
    return _text(right) in _text(left)


def _in_array(left: Any, right: Any, zone: tzinfo) -> bool:
    listed = [part.strip() for part in _text(right).split(",")]
    return any(_is(left, part, zone) for part in listed)


def _starts(left: Any, right: Any, _: tzinfo) -> bool:
    return _text(left).startswith(_text(right))


def _ends(left: Any, right: Any, _: tzinfo) -> bool:
    return _text(left).endswith(_text(right))


def _same_day(left: Any, right: Any, zone: tzinfo) -> bool:
    return whole_day(left, zone) == whole_day(right, zone)


def _not(
    test: Callable[[Any, Any, tzinfo], bool],
) -> Callable[[Any, Any, tzinfo], bool]:
    return lambda left, right, zone: not test(left, right, zone)


def _ordered(test: Callable[[int], bool]) -> Callable[[Any, Any, tzinfo], bool]:
    return lambda left, right, zone: test(_order(left, right, zone))


def _moved(test: Callable[[bool], bool]) -> Callable[[Any, Any, tzinfo], bool]:
    def test_moments(left: Any, right: Any, zone: tzinfo) -> bool:
        first, second = instant(left, zone), instant(right, zone)
        return first != second and test(first > second)

    return test_moments


_COMPARISONS: Mapping[str, Callable[[Any, Any, tzinfo], bool]] = {
    "=": _equal,
    "!=": _not(_equal),
    ">": _ordered(lambda sign: sign > 0),
    ">=": _ordered(lambda sign: sign >= 0),
    "<": _ordered(lambda sign: sign < 0),
    "<=": _ordered(lambda sign: sign <= 0),
    "is": _is,
    "isNot": _not(_is),
    "contains": _contains,
    "startsWith": _starts,
    "endsWith": _ends,
    "IN_ARRAY": _in_array,
    "NOT_IN_ARRAY": _not(_in_array),
    "DATE_IS": _same_day,
    "DATE_IS_NOT": _not(_same_day),
    "IS_AFTER": _moved(lambda is_later: is_later),
    "IS_BEFORE": _moved(lambda is_later: not is_later),
}


def _elements(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _is_date(value: Any) -> bool:
    return isinstance(value, date | datetime)


def _as_number(value: Any) -> Decimal | None:
    return None if isinstance(value, bool) else as_number(value)


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, str):
        return value
    msg = f"{shown(value)} is not text"
    raise NoValue(msg)
