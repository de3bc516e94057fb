"""Values that formulas give, with the stored number where a formula has none.

Source: engine specification, "Dynamic values"; rules specification, "Where formulas
occur".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from campaigns.engine.applicability import LastingCap
from campaigns.engine.discounts import Discount
from campaigns.engine.formulas.evaluation import evaluate
from campaigns.engine.formulas.parsing import FormulaError, parse_formula
from campaigns.engine.formulas.values import NoValue
from redemptions.engine.applicability import Lists
from redemptions.engine.formula_facts import FormulaFacts
from redemptions.engine.selection import Covered

_HUNDRED = Decimal(100)
#: Beyond what any column of amounts holds.
_LARGEST = Decimal(10**15)

Value = int | Decimal


@dataclass(frozen=True, slots=True)
class Worked:
    """What a formula came to: ``value`` as the discount uses it, or why it has none.

    ``line`` is the position of the line whose value it is.
    """

    field: str
    value: Value | None
    reason: str | None = None
    line: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the outcome for the trace."""
        value = float(self.value) if isinstance(self.value, Decimal) else self.value
        told: dict[str, Any] = {"field": self.field, "value": value}
        if self.line is not None:
            told["line"] = self.line
        if self.reason is not None:
            told["reason"] = self.reason
        return told


@dataclass(frozen=True, slots=True)
class Settled:
    """A discount with the numbers that its formulas gave.

    ``by_line`` are values of single lines, by position.
    """

    discount: Discount
    by_line: Mapping[int, Value]
    worked: tuple[Worked, ...]

    @property
    def is_dynamic(self) -> bool:
        """Whether a formula gave a value."""
        return any(each.value is not None for each in self.worked)


def settle(
    discount: Discount, field: str, operands: FormulaFacts, *, by_line: bool
) -> Settled:
    """Work out the formula of ``field``, or those of a UNIT discount's members.

    With ``by_line`` a formula that reads the discounted line is worked out for each.
    """
    if discount.units:
        return _settled_units(discount, operands)
    text = discount.formulas.get(field)
    if text is None:
        return Settled(discount, {}, ())
    if by_line and _reads_line(text):
        lines = [
            worked_out(field, text, operands.of_line(line), line=position)
            for position, line in enumerate(operands.state.lines)
        ]
        known = {
            each.line: each.value
            for each in lines
            if each.line is not None and each.value is not None
        }
        return Settled(discount, known, tuple(lines))
    worked = worked_out(field, text, operands)
    if worked.value is None:
        return Settled(discount, {}, (worked,))
    values: dict[str, Any] = {field: worked.value}
    return Settled(replace(discount, **values), {}, (worked,))


def prices_of(
    covered: Sequence[Covered], operands: FormulaFacts
) -> tuple[Mapping[int, int], tuple[Worked, ...]]:
    """Return the new unit prices that entries' formulas give lines, by position."""
    worked = [
        worked_out(
            "price",
            each.entry.price_formula,
            operands.of_line(operands.state.lines[each.position]),
            line=each.position,
        )
        for each in covered
        if each.entry.price_formula
    ]
    prices = {
        each.line: int(each.value)
        for each in worked
        if each.line is not None and each.value is not None
    }
    return prices, tuple(worked)


def with_worked_caps(lists: Lists, operands: FormulaFacts) -> Lists:
    """Return the lists with the caps on units that formulas give."""
    if not any(cap.formula for entry in lists.entries for cap in entry.lasting_caps):
        return lists
    entries = (
        replace(entry, lasting_caps=_worked_caps(entry.lasting_caps, operands))
        for entry in lists.entries
    )
    return replace(lists, entries=tuple(entries))


def _worked_caps(
    caps: Sequence[LastingCap], operands: FormulaFacts
) -> tuple[LastingCap, ...]:
    return tuple(
        replace(cap, limit=_limit(cap, operands)) if cap.formula else cap
        for cap in caps
    )


def _limit(cap: LastingCap, operands: FormulaFacts) -> int:
    value = worked_out("quantity_limit", cap.formula or "", operands).value
    return int(cap.limit or 0 if value is None else value)


def worked_out(
    field: str, text: str, operands: FormulaFacts, *, line: int | None = None
) -> Worked:
    """Return what a formula comes to for ``field``; never an error."""
    try:
        result = evaluate(parse_formula(text), operands, operands.calendar)
    except (NoValue, FormulaError) as failure:
        return Worked(field, None, str(failure), line)
    result = max(result, Decimal(0))
    if result > _LARGEST:
        return Worked(field, None, "the value is too large", line)
    return Worked(field, _CONVERSIONS.get(field, _whole)(result), None, line)


def _settled_units(discount: Discount, operands: FormulaFacts) -> Settled:
    units, worked = [], []
    for unit in discount.units:
        member = unit
        if unit.unit_off_formula is not None:
            outcome = worked_out("unit_off", unit.unit_off_formula, operands)
            worked.append(outcome)
            if outcome.value is not None:
                member = replace(unit, unit_off=int(outcome.value))
        units.append(member)
    return Settled(replace(discount, units=tuple(units)), {}, tuple(worked))


def _reads_line(text: str) -> bool:
    try:
        return parse_formula(text).reads_line
    except FormulaError:
        return False


def _money(major: Decimal) -> int:
    return int((major * _HUNDRED).to_integral_value(ROUND_HALF_UP))


def _percent(result: Decimal) -> Decimal:
    return min(result, _HUNDRED)


def _nearest(result: Decimal) -> int:
    return int(result.to_integral_value(ROUND_HALF_UP))


def _whole(result: Decimal) -> int:
    return int(result.to_integral_value(ROUND_FLOOR))


_CONVERSIONS: Mapping[str, Callable[[Decimal], Value]] = {
    "amount_off": _money,
    "fixed_amount": _money,
    "price": _money,
    "percent_off": _percent,
    "points": _nearest,
}
