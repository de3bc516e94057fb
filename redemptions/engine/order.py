"""The order while it is being decided: what each redeemable leaves behind.

An `OrderState` is frozen; applying a discount yields the next one. Amounts are
minor units. ``applied_*`` is what one redeemable gave, the fields without that
prefix are cumulative and include what earlier requests gave.

Source: engine specification, "Order model".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from redemptions.engine.facts import Line, OrderFacts


@dataclass(frozen=True, slots=True)
class LineState:
    """One order line with what has been taken off it.

    ``amount`` is None when neither an amount nor a price names the line's value.
    """

    line: Line
    quantity: int
    amount: int | None
    discount_amount: int = 0
    applied_discount_amount: int = 0

    @property
    def subtotal_amount(self) -> int:
        """What is left of the line; 0 for a line without money."""
        return (self.amount or 0) - self.discount_amount

    @property
    def payable_amount(self) -> int:
        """What can still be taken off the line, never negative."""
        return max(0, self.subtotal_amount)

    @property
    def unit_price(self) -> Fraction | None:
        """The price of one unit, from the amount when no price is named."""
        if self.line.price is not None:
            return Fraction(self.line.price)
        if self.amount is None or not self.quantity:
            return None
        return Fraction(self.amount, self.quantity)


@dataclass(frozen=True, slots=True)
class OrderState:
    """The order after some of the redeemables.

    ``amount`` is None when nothing names the order's value; then no total exists
    and nothing can be taken off.
    """

    facts: OrderFacts
    lines: tuple[LineState, ...]
    amount: int | None
    discount_amount: int = 0
    items_discount_amount: int = 0
    applied_discount_amount: int = 0
    items_applied_discount_amount: int = 0

    @property
    def initial_amount(self) -> int | None:
        """The value before any discount and before any added unit."""
        known = self.facts.initial_amount
        return self.amount if known is None else known

    @property
    def total_discount_amount(self) -> int:
        """Order-level and item-level discounts together."""
        return self.discount_amount + self.items_discount_amount

    @property
    def total_applied_discount_amount(self) -> int:
        """What this redeemable (or this request) took off altogether."""
        return self.applied_discount_amount + self.items_applied_discount_amount

    @property
    def total_amount(self) -> int | None:
        """What is left to pay, never negative; None without an amount."""
        if self.amount is None:
            return None
        return max(0, self.amount - self.total_discount_amount)

    @property
    def payable_amount(self) -> int:
        """What can still be taken off: the total, 0 when there is none."""
        return self.total_amount or 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What one discount takes off: a part of the order, parts of lines.

    ``by_line`` maps a line's position to minor units, only positive ones.
    """

    order_amount: int = 0
    by_line: Mapping[int, int] = field(default_factory=dict)

    @property
    def amount(self) -> int:
        """Everything taken off."""
        return self.order_amount + sum(self.by_line.values())


NOTHING = Taken()


def opening_state(order: OrderFacts) -> OrderState:
    """Return the order before this request, with every amount worked out.

    A line's amount is the one named, else price times quantity; the order's is the
    one named, else the sum of the lines'. Discounts of earlier requests stay.

    Source: engine specification, "Where amounts come from".
    """
    lines = tuple(
        LineState(line, line.quantity, _line_amount(line), line.discount_amount)
        for line in order.lines
    )
    amounts = [line.amount for line in lines if line.amount is not None]
    amount = order.amount
    if amount is None and amounts:
        amount = sum(amounts)
    return OrderState(
        facts=order,
        lines=lines,
        amount=amount,
        discount_amount=order.discount_amount,
        items_discount_amount=sum(line.discount_amount for line in order.lines),
    )


def take_off(state: OrderState, taken: Taken) -> OrderState:
    """Return the order after ``taken``; ``applied_*`` are those of ``taken`` alone."""
    lines = tuple(
        _line_after(line, taken.by_line.get(position, 0))
        for position, line in enumerate(state.lines)
    )
    off_items = sum(taken.by_line.values())
    return replace(
        state,
        lines=lines,
        discount_amount=state.discount_amount + taken.order_amount,
        items_discount_amount=state.items_discount_amount + off_items,
        applied_discount_amount=taken.order_amount,
        items_applied_discount_amount=off_items,
    )


def summed_over_request(opening: OrderState, closing: OrderState) -> OrderState:
    """Return ``closing`` with ``applied_*`` counted since ``opening``."""
    lines = tuple(
        replace(
            last, applied_discount_amount=last.discount_amount - first.discount_amount
        )
        for first, last in zip(opening.lines, closing.lines, strict=True)
    )
    return replace(
        closing,
        lines=lines,
        applied_discount_amount=closing.discount_amount - opening.discount_amount,
        items_applied_discount_amount=closing.items_discount_amount
        - opening.items_discount_amount,
    )


def _line_amount(line: Line) -> int | None:
    if line.amount is not None:
        return line.amount
    return None if line.price is None else line.price * line.quantity


def _line_after(line: LineState, taken: int) -> LineState:
    if not taken and not line.applied_discount_amount:
        return line
    return replace(
        line,
        discount_amount=line.discount_amount + taken,
        applied_discount_amount=taken,
    )
