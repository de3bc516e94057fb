"""Working a formula out: decimal arithmetic of 28 digits, no branch too many.

Every part is looked at once at most, so the size of a formula bounds its steps.

Source: rules specification, "Functions", "What makes evaluation fail".
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    Decimal,
    DecimalException,
    localcontext,
)
from typing import Any, Protocol

from campaigns.engine.formulas.comparing import compare
from campaigns.engine.formulas.dates import DATE_FUNCTIONS, instant, whole_day
from campaigns.engine.formulas.nodes import (
    Call,
    Chain,
    Negative,
    Node,
    Number,
    Operand,
    Switch,
    Text,
)
from campaigns.engine.formulas.parsing import Formula
from campaigns.engine.formulas.values import NoValue, as_truth, number
from promo.calendar_windows import Calendar

PRECISION = 28
#: Powers of ten that a number may reach; more is no result.
MAX_EXPONENT = 60
MOST_PLACES = 20

Arguments = Sequence[Node]


class Operands(Protocol):
    """What the names in a formula are worth."""

    def value(self, name: str, key: str | None) -> Any:
        """Return a number, text, date, moment or tuple; None where there is none."""


def evaluate(formula: Formula, operands: Operands, calendar: Calendar) -> Decimal:
    """Return what ``formula`` comes to; money is in major units.

    Raises:
        NoValue: it has none, and the text says why.
    """
    with localcontext(prec=PRECISION, Emax=MAX_EXPONENT, Emin=-MAX_EXPONENT):
        try:
            return number(_Evaluation(operands, calendar).of(formula.root))
        except DecimalException as failure:
            msg = "the arithmetic has no result"
            raise NoValue(msg) from failure


class _Evaluation:
    """One formula being worked out."""

    def __init__(self, operands: Operands, calendar: Calendar) -> None:
        self.operands = operands
        self.calendar = calendar

    def of(self, node: Node) -> Any:
        match node:
            case Number() | Text():
                return node.value
            case Operand():
                return self._fact(node)
            case Negative():
                return -number(self.of(node.operand))
            case Chain():
                return self._chain(node)
            case Switch():
                return self._switch(node)
        return self._call(node)

    def _fact(self, operand: Operand) -> Any:
        if operand.name == "TODAY":
            return self.calendar.today
        if operand.name == "NOW":
            return self.calendar.now
        value = self.operands.value(operand.name, operand.key)
        if value is None:
            of = "" if operand.key is None else f" of {operand.key}"
            msg = f"{operand.name}{of} is missing"
            raise NoValue(msg)
        return value

    def _chain(self, chain: Chain) -> Any:
        sign = chain.rest[0][0]
        if sign in {"AND", "OR"}:
            return self._logic(chain, stops_at=sign == "OR")
        value = self.of(chain.first)
        for operator, node in chain.rest:
            arithmetic = _ARITHMETIC.get(operator)
            if arithmetic is not None:
                value = arithmetic(number(value), number(self.of(node)))
            else:
                value = compare(operator, value, self.of(node), self.calendar.zone)
        return value

    def _logic(self, chain: Chain, *, stops_at: bool) -> bool:
        for node in (chain.first, *(value for _, value in chain.rest)):
            if as_truth(self.of(node)) is stops_at:
                return stops_at
        return not stops_at

    def _switch(self, switch: Switch) -> Any:
        subject = self.of(switch.subject)
        for case in switch.cases:
            if compare("=", subject, self.of(case.matches), self.calendar.zone):
                return self.of(case.result)
        return self.of(switch.default)

    def _call(self, call: Call) -> Any:
        if call.name == "IF":
            condition, then, otherwise = call.arguments
            return self.of(then if as_truth(self.of(condition)) else otherwise)
        if call.name == "DEFAULT_TO":
            return self._first_known(call.arguments)
        values = [self.of(argument) for argument in call.arguments]
        if call.name in DATE_FUNCTIONS:
            return DATE_FUNCTIONS[call.name](values[0], self.calendar)
        return _FUNCTIONS[call.name](values, self.calendar)

    def _first_known(self, arguments: Arguments) -> Any:
        for argument in arguments:
            try:
                return self.of(argument)
            except (NoValue, DecimalException):
                continue
        msg = "no argument of DEFAULT_TO has a value"
        raise NoValue(msg)


_ARITHMETIC: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "\u00d7": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "÷": lambda left, right: left / right,
    "%": lambda left, right: left % right,
}


def _rounded(mode: str) -> Callable[[Sequence[Any], Calendar], Decimal]:
    def round_to(values: Sequence[Any], _: Calendar) -> Decimal:
        places = number(values[1]) if len(values) > 1 else Decimal(0)
        if places != places.to_integral_value() or abs(places) > MOST_PLACES:
            msg = "the number of decimals must be a small whole number"
            raise NoValue(msg)
        step = Decimal(1).scaleb(-int(places))
        return (number(values[0]) / step).to_integral_value(mode) * step

    return round_to


def _members(values: Sequence[Any]) -> list[Decimal]:
    """Return the numbers; an array counts by its elements."""
    found: list[Decimal] = []
    for value in values:
        elements = value if isinstance(value, tuple) else (value,)
        found += [number(one) for one in elements]
    if not found:
        msg = "there is nothing to compare"
        raise NoValue(msg)
    return found


def _date(values: Sequence[Any], calendar: Calendar) -> date:
    return whole_day(values[0], calendar.zone)


def _date_time(values: Sequence[Any], calendar: Calendar) -> datetime:
    return instant(values[0], calendar.zone)


_FUNCTIONS: Mapping[str, Callable[[Sequence[Any], Calendar], Any]] = {
    "MIN": lambda values, _: min(_members(values)),
    "MAX": lambda values, _: max(_members(values)),
    "POW": lambda values, _: number(values[0]) ** number(values[1]),
    "ROUND": _rounded(ROUND_HALF_UP),
    "FLOOR": _rounded(ROUND_FLOOR),
    "CEIL": _rounded(ROUND_CEILING),
    "DATE": _date,
    "DATE_TIME": _date_time,
}
