"""The order while it is being decided: what each redeemable leaves behind.

An `OrderState` is frozen; applying a discount yields the next one. What lines have
left is kept beside them as a row of numbers, so that a discount on an order of many
lines costs little. Amounts are minor units. ``applied_*`` is what one redeemable
gave, the fields without that prefix are cumulative and include what earlier requests
gave. Lines keep their positions; those that a UNIT discount adds come after them.

Source: engine specification, "Order model".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from operator import itemgetter

from redemptions.engine.facts import Line, OrderFacts
from redemptions.engine.line_index import LineIndex

#: What a ``bigint`` column holds, in minor units.
LARGEST_AMOUNT = 2**63 - 1
#: The largest number of units that the API takes.
LARGEST_QUANTITY = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Replacement:
    """Units of one line that gave way to units of another.

    Positions are those of the lines; what the source loses is negative, amounts are
    minor units. ``discount_amount`` is taken off the target.
    """

    source: int
    source_quantity: int
    source_amount: int
    target: int
    target_quantity: int
    target_amount: int
    discount_amount: int


@dataclass(frozen=True, slots=True)
class UnitChange:
    """What one UNIT discount does to the units of one line.

    ``quantity`` and the minor units of ``amount`` are signed; ``freed`` units are
    given for free. ``line`` is set where the discount creates the line,
    ``replacements`` where units gave way or came in their place.
    """

    quantity: int = 0
    amount: int = 0
    freed: int = 0
    line: Line | None = None
    replacements: tuple[Replacement, ...] = ()

    def followed_by(self, later: "UnitChange") -> "UnitChange":
        """Return both changes as one."""
        return UnitChange(
            quantity=self.quantity + later.quantity,
            amount=self.amount + later.amount,
            freed=self.freed + later.freed,
            line=self.line or later.line,
            replacements=self.replacements + later.replacements,
        )


@dataclass(frozen=True, slots=True)
class LineState:
    """One order line with what has been taken off it.

    ``amount`` is None when neither an amount nor a price names the line's value.
    ``initial_*`` are what stood before UNIT discounts, None on a line that none has
    touched; ``change`` is what the last redeemable did to the units.
    """

    line: Line
    quantity: int
    amount: int | None
    discount_amount: int = 0
    applied_discount_amount: int = 0
    discount_quantity: int = 0
    initial_quantity: int | None = None
    initial_amount: int | None = None
    change: UnitChange | None = None

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
class Taken:
    """What one discount takes off: a part of the order, parts of lines.

    ``by_line`` maps a line's position to minor units, only positive ones; ``units``
    maps positions to what happens to the lines' units.
    """

    order_amount: int = 0
    by_line: Mapping[int, int] = field(default_factory=dict)
    units: Mapping[int, UnitChange] = field(default_factory=dict)

    @property
    def items_amount(self) -> int:
        """What is taken off lines."""
        return sum(self.by_line.values())

    @property
    def amount(self) -> int:
        """Everything taken off."""
        return self.order_amount + self.items_amount

    @property
    def has_effect(self) -> bool:
        """Whether it moves money, or adds or replaces a unit."""
        return bool(self.amount) or any(each.quantity for each in self.units.values())


NOTHING = Taken()


@dataclass(frozen=True)
class OrderState:
    """The order after some of the redeemables.

    ``units`` are its lines as they were opened, but with their quantities and amounts
    as they stand; ``left`` is what each has left to pay, ``last`` what the latest
    redeemable took off; ``lines`` puts these together. ``amount`` is None when nothing
    names the order's value; then no total exists and nothing can be taken off.
    ``initial_amount`` is the value before any unit was added or replaced. With
    ``is_too_large`` an amount or a quantity is beyond what can be kept.
    """

    facts: OrderFacts
    units: tuple[LineState, ...]
    left: tuple[int, ...]
    index: LineIndex
    amount: int | None
    initial_amount: int | None = None
    discount_amount: int = 0
    items_discount_amount: int = 0
    last: Taken = NOTHING
    is_too_large: bool = False

    @cached_property
    def lines(self) -> tuple[LineState, ...]:
        """The lines with what has been taken off them."""
        return tuple(
            _with_discount(line, left, self.last, position)
            for position, (line, left) in enumerate(
                zip(self.units, self.left, strict=True)
            )
        )

    @property
    def applied_discount_amount(self) -> int:
        """What the latest redeemable took off the order."""
        return self.last.order_amount

    @property
    def items_applied_discount_amount(self) -> int:
        """What the latest redeemable took off lines."""
        return self.last.items_amount

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


def taken_together(parts: Iterable[Taken]) -> Taken:
    """Return what discounts take off one after the other as if it were one."""
    order_amount = 0
    by_line: dict[int, int] = {}
    units: dict[int, UnitChange] = {}
    for part in parts:
        order_amount += part.order_amount
        for position, amount in part.by_line.items():
            by_line[position] = by_line.get(position, 0) + amount
        for position, change in part.units.items():
            earlier = units.get(position)
            units[position] = earlier.followed_by(change) if earlier else change
    return Taken(order_amount, by_line, units)


def opening_state(order: OrderFacts) -> OrderState:
    """Return the order before this request, with every amount worked out.

    A line's amount is the one named, else price times quantity; the order's is the
    one named, else the sum of the lines'. Discounts of earlier requests stay.

    Source: engine specification, "Where amounts come from".
    """
    units = tuple(_opening_line(line) for line in order.lines)
    amounts = [line.amount for line in units if line.amount is not None]
    amount = order.amount
    if amount is None and amounts:
        amount = sum(amounts)
    initial = order.initial_amount
    return OrderState(
        facts=order,
        units=units,
        left=tuple(line.subtotal_amount for line in units),
        index=LineIndex(order.lines),
        amount=amount,
        initial_amount=amount if initial is None else initial,
        discount_amount=order.discount_amount,
        items_discount_amount=sum(line.discount_amount for line in order.lines),
        is_too_large=_is_too_large(amount, units),
    )


def take_off(state: OrderState, taken: Taken) -> OrderState:
    """Return the order after ``taken``; ``applied_*`` are those of ``taken`` alone.

    Units change first: what they add to the amount may be taken off at once.
    """
    if taken.units:
        state = _with_units(state, taken)
    return OrderState(
        facts=state.facts,
        units=state.units,
        left=_left_after(state.left, taken.by_line),
        index=state.index,
        amount=state.amount,
        initial_amount=state.initial_amount,
        discount_amount=state.discount_amount + taken.order_amount,
        items_discount_amount=state.items_discount_amount + taken.items_amount,
        last=taken,
        is_too_large=state.is_too_large,
    )


def with_ids(state: OrderState, ids: Mapping[int, str]) -> OrderState:
    """Return the order with ids, by position, for lines that have none."""
    units = tuple(
        replace(line, line=replace(line.line, id=ids[position]))
        if position in ids
        else line
        for position, line in enumerate(state.units)
    )
    return replace(state, units=units)


def _opening_line(line: Line) -> LineState:
    amount = line.amount
    if amount is None and line.price is not None:
        amount = line.price * line.quantity
    return LineState(
        line,
        line.quantity,
        amount,
        line.discount_amount,
        discount_quantity=line.discount_quantity,
        initial_quantity=line.initial_quantity,
        initial_amount=line.initial_amount,
    )


def _new_lines(taken: Taken) -> list[LineState]:
    """Return the lines that ``taken`` creates, empty still, in order of position."""
    return [
        LineState(change.line, 0, None if change.line.price is None else 0)
        for _, change in sorted(taken.units.items(), key=itemgetter(0))
        if change.line is not None
    ]


def _with_units(state: OrderState, taken: Taken) -> OrderState:
    added = sum(change.amount for change in taken.units.values())
    amount, initial_amount = state.amount, state.initial_amount
    if added and amount is None:
        amount, initial_amount = 0, 0
    amount = None if amount is None else amount + added
    created = _new_lines(taken)
    units = [*state.units, *created]
    left = [*state.left, *(0 for _ in created)]
    for position, change in taken.units.items():
        if units[position].amount is not None:
            left[position] += change.amount
        units[position] = _line_with_units(units[position], change)
    index = state.index
    if created:
        index = LineIndex(tuple(line.line for line in units))
    return replace(
        state,
        units=tuple(units),
        left=tuple(left),
        index=index,
        amount=amount,
        initial_amount=initial_amount,
        is_too_large=_is_too_large(amount, units),
    )


def _line_with_units(line: LineState, change: UnitChange) -> LineState:
    is_first = line.initial_quantity is None
    return replace(
        line,
        quantity=line.quantity + change.quantity,
        amount=None if line.amount is None else line.amount + change.amount,
        discount_quantity=line.discount_quantity + change.freed,
        initial_quantity=line.quantity if is_first else line.initial_quantity,
        initial_amount=line.amount if is_first else line.initial_amount,
    )


def _left_after(left: tuple[int, ...], by_line: Mapping[int, int]) -> tuple[int, ...]:
    if not by_line:
        return left
    after = list(left)
    for position, amount in by_line.items():
        after[position] -= amount
    return tuple(after)


def _with_discount(line: LineState, left: int, last: Taken, position: int) -> LineState:
    """Return a line with its discount, which is what its amount does not have left."""
    discount, applied = (line.amount or 0) - left, last.by_line.get(position, 0)
    change = last.units.get(position)
    if discount == line.discount_amount and not applied and change is None:
        return line
    # Built outright: an order has many lines, and ``replace`` takes its time.
    return LineState(
        line.line,
        line.quantity,
        line.amount,
        discount,
        applied,
        discount_quantity=line.discount_quantity,
        initial_quantity=line.initial_quantity,
        initial_amount=line.initial_amount,
        change=change,
    )


def _is_too_large(amount: int | None, units: Iterable[LineState]) -> bool:
    """Say whether an amount or a quantity cannot be kept."""
    return (amount or 0) > LARGEST_AMOUNT or any(
        (line.amount or 0) > LARGEST_AMOUNT or line.quantity > LARGEST_QUANTITY
        for line in units
    )
