"""What the operands of a formula are worth for one redeemable on one order.

Money is in major units, as marketers write it.

Source: rules specification, "Operands".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from campaigns.engine.formulas.catalogue import CHEAPEST, DEAREST, ITEM
from campaigns.engine.formulas.values import of_metadata
from campaigns.engine.validity import Validity
from promo.calendar_windows import Calendar
from promo.metadata import metadata_value
from redemptions.engine.facts import Facts, Metadata, Redeemable
from redemptions.engine.line_metadata import product_metadata
from redemptions.engine.order import LineState, OrderState

_MINOR = 100


@dataclass(frozen=True, slots=True)
class FormulaFacts:
    """The operands of the formulas of ``redeemable``.

    ``state`` is the order as its predecessors left it, ``bundles`` the number of
    bundles that a rule found, ``line`` the line that is being discounted.
    """

    facts: Facts
    redeemable: Redeemable
    state: OrderState
    bundles: int | None = None
    line: LineState | None = None

    def of_line(self, line: LineState) -> "FormulaFacts":
        """Return the operands for a discount on ``line``."""
        return replace(self, line=line)

    @property
    def calendar(self) -> Calendar:
        """The moment of the decision on the project's clock."""
        return Calendar(self.facts.now, self.facts.time_zone, self.facts.week_starts_on)

    def value(self, name: str, key: str | None) -> Any:
        """Return what a name is worth; None where there is nothing behind it."""
        if name in _FACTS:
            return _FACTS[name](self)
        if name in _METADATA:
            return _read(_METADATA[name](self), key)
        prefix = next(one for one in (CHEAPEST, DEAREST, ITEM) if name.startswith(one))
        line = _LINES[prefix](self)
        return None if line is None else _of_line(line, name[len(prefix) + 1 :], key)


def _of_line(line: LineState, name: str, key: str | None) -> Any:
    if name == "PRODUCT_METADATA":
        return of_metadata(product_metadata(line.line, key or ""))
    if name == "METADATA":
        return _read(line.line.metadata, key)
    return _LINE_VALUES[name](line)


def _read(metadata: Metadata | None, key: str | None) -> Any:
    return (
        None if metadata is None else of_metadata(metadata_value(metadata, key or ""))
    )


def _major(amount: int | Fraction | None) -> Decimal | None:
    if amount is None:
        return None
    exact = Fraction(amount) / _MINOR
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def _sent(operands: FormulaFacts) -> list[LineState]:
    """Return the lines that the client sent, as they stand now."""
    order = operands.facts.order
    return list(operands.state.lines[: len(order.lines)]) if order else []


def _cheapest(operands: FormulaFacts, sign: int = 1) -> LineState | None:
    priced = [
        (sign * line.unit_price, line.subtotal_amount, position)
        for position, line in enumerate(_sent(operands))
        if line.unit_price is not None
    ]
    return operands.state.lines[min(priced)[2]] if priced else None


def _dearest(operands: FormulaFacts) -> LineState | None:
    return _cheapest(operands, -1)


def _lines(operands: FormulaFacts) -> Decimal | None:
    lines = _sent(operands)
    return Decimal(len(lines)) if operands.facts.order is not None else None


def _units(operands: FormulaFacts) -> Decimal | None:
    order = operands.facts.order
    return None if order is None else Decimal(sum(one.quantity for one in order.lines))


def _order_metadata(operands: FormulaFacts) -> Metadata | None:
    order = operands.facts.order
    return None if order is None else order.metadata


def _customer_metadata(operands: FormulaFacts) -> Metadata | None:
    customer = operands.facts.customer
    return None if customer is None else customer.metadata


def _birthdate(operands: FormulaFacts) -> Any:
    customer = operands.facts.customer
    return None if customer is None else customer.birthdate


def _bundles(operands: FormulaFacts) -> Decimal | None:
    return None if operands.bundles is None else Decimal(operands.bundles)


def _of_voucher(
    read: Callable[[Redeemable], Any], kind: str = "voucher"
) -> Callable[[FormulaFacts], Any]:
    def value(operands: FormulaFacts) -> Any:
        redeemable = operands.redeemable
        return read(redeemable) if redeemable.object == kind else None

    return value


def _count(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _validity(redeemable: Redeemable) -> Validity:
    return redeemable.validity or Validity()


_FACTS: Mapping[str, Callable[[FormulaFacts], Any]] = {
    "ORDER_AMOUNT": lambda operands: _major(operands.state.amount),
    "ORDER_ITEMS_QUANTITY": _lines,
    "ORDER_UNITS_QUANTITY": _units,
    "ORDER_BUNDLE_QUANTITY": _bundles,
    "CUSTOMER_BIRTHDATE": _birthdate,
    "VOUCHER_REDEMPTION_QUANTITY": _of_voucher(lambda one: _count(one.quantity)),
    "VOUCHER_REDEEMED_QUANTITY": _of_voucher(lambda one: _count(one.redeemed_quantity)),
    "VOUCHER_PUBLISH_COUNT": _of_voucher(lambda one: _count(int(one.is_published))),
    "VOUCHER_START_DATE": _of_voucher(lambda one: _validity(one).start),
    "VOUCHER_EXPIRATION_DATE": _of_voucher(lambda one: _validity(one).expiration),
    "PROMOTION_TIER_START_DATE": _of_voucher(
        lambda one: _validity(one).start, "promotion_tier"
    ),
    "PROMOTION_TIER_EXPIRATION_DATE": _of_voucher(
        lambda one: _validity(one).expiration, "promotion_tier"
    ),
}
_METADATA: Mapping[str, Callable[[FormulaFacts], Metadata | None]] = {
    "ORDER_METADATA": _order_metadata,
    "CUSTOMER_METADATA": _customer_metadata,
    "REDEEMABLE_METADATA": lambda operands: operands.redeemable.metadata,
    "REDEMPTION_METADATA": lambda operands: operands.facts.metadata,
    "PUBLICATION_METADATA": lambda operands: operands.redeemable.publication_metadata,
}
_LINES: Mapping[str, Callable[[FormulaFacts], LineState | None]] = {
    ITEM: lambda operands: operands.line,
    CHEAPEST: _cheapest,
    DEAREST: _dearest,
}
_LINE_VALUES: Mapping[str, Callable[[LineState], Decimal | None]] = {
    "PRICE": lambda line: _major(line.unit_price),
    "AMOUNT": lambda line: _major(line.amount),
    "SUBTOTAL": lambda line: (
        None if line.amount is None else _major(line.subtotal_amount)
    ),
    "UNITS_QUANTITY": lambda line: Decimal(line.quantity),
}
