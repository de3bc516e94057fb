"""The order while it is being decided: what each redeemable leaves behind.

An `OrderState` is frozen; applying a discount yields the next one. Amounts are
minor units. ``applied_*`` is what one redeemable gave, the fields without that
prefix are cumulative and include what earlier requests gave. Lines keep their
positions; those that a UNIT discount adds come after them.

Source: engine specification, "Order model".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from operator import itemgetter

from redemptions.engine.facts import Line, OrderFacts

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
class OrderState:
    """The order after some of the redeemables.

    ``amount`` is None when nothing names the order's value; then no total exists
    and nothing can be taken off. ``initial_amount`` is the value before any unit was
    added or replaced.
    """

    facts: OrderFacts
    lines: tuple[LineState, ...]
    amount: int | None
    initial_amount: int | None = None
    discount_amount: int = 0
    items_discount_amount: int = 0
    applied_discount_amount: int = 0
    items_applied_discount_amount: int = 0

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

    ``by_line`` maps a line's position to minor units, only positive ones; ``units``
    maps positions to what happens to the lines' units.
    """

    order_amount: int = 0
    by_line: Mapping[int, int] = field(default_factory=dict)
    units: Mapping[int, UnitChange] = field(default_factory=dict)

    @property
    def amount(self) -> int:
        """Everything taken off."""
        return self.order_amount + sum(self.by_line.values())

    @property
    def has_effect(self) -> bool:
        """Whether it moves money, or adds or replaces a unit."""
        return bool(self.amount) or any(each.quantity for each in self.units.values())


NOTHING = Taken()


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
    lines = tuple(_opening_line(line) for line in order.lines)
    amounts = [line.amount for line in lines if line.amount is not None]
    amount = order.amount
    if amount is None and amounts:
        amount = sum(amounts)
    initial = order.initial_amount
    return OrderState(
        facts=order,
        lines=lines,
        amount=amount,
        initial_amount=amount if initial is None else initial,
        discount_amount=order.discount_amount,
        items_discount_amount=sum(line.discount_amount for line in order.lines),
    )


def sent_lines(order: OrderFacts | None) -> tuple[Line, ...]:
    """Return the lines as the client sent them.

    What UNIT discounts of earlier requests did to a stored order does not count.
    """
    lines = order.lines if order is not None else ()
    if all(line.initial_quantity is None for line in lines):
        return lines
    return tuple(_as_sent(line) for line in lines if line.initial_quantity != 0)


def take_off(state: OrderState, taken: Taken) -> OrderState:
    """Return the order after ``taken``; ``applied_*`` are those of ``taken`` alone.

    Units change first: what they add to the amount may be taken off at once.
    """
    off_items = sum(taken.by_line.values())
    amount, initial_amount = state.amount, state.initial_amount
    added = sum(change.amount for change in taken.units.values())
    if added and amount is None:
        amount, initial_amount = 0, 0
    return replace(
        state,
        lines=tuple(
            _line_after(line, taken.by_line.get(position, 0), taken.units.get(position))
            for position, line in enumerate((*state.lines, *_new_lines(taken)))
        ),
        amount=None if amount is None else amount + added,
        initial_amount=initial_amount,
        discount_amount=state.discount_amount + taken.order_amount,
        items_discount_amount=state.items_discount_amount + off_items,
        applied_discount_amount=taken.order_amount,
        items_applied_discount_amount=off_items,
    )


def is_too_large(state: OrderState) -> bool:
    """Say whether added units make amounts or quantities that cannot be kept."""
    amounts = [state.amount or 0, *(line.amount or 0 for line in state.lines)]
    quantities = (line.quantity for line in state.lines)
    return (
        max(amounts) > LARGEST_AMOUNT or max(quantities, default=0) > LARGEST_QUANTITY
    )


def with_ids(state: OrderState, ids: Mapping[int, str]) -> OrderState:
    """Return the order with ids, by position, for lines that have none."""
    lines = tuple(
        replace(line, line=replace(line.line, id=ids[position]))
        if position in ids
        else line
        for position, line in enumerate(state.lines)
    )
    return replace(state, lines=lines)


def _as_sent(line: Line) -> Line:
    if line.initial_quantity is None:
        return line
    amount = line.amount if line.initial_amount is None else line.initial_amount
    return replace(line, quantity=line.initial_quantity, amount=amount)


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


def _line_after(line: LineState, taken: int, change: UnitChange | None) -> LineState:
    if not (taken or change or line.applied_discount_amount or line.change):
        return line
    # Built outright: an order has many lines, and ``replace`` takes its time.
    after = LineState(
        line.line,
        line.quantity,
        line.amount,
        line.discount_amount + taken,
        taken,
        discount_quantity=line.discount_quantity,
        initial_quantity=line.initial_quantity,
        initial_amount=line.initial_amount,
        change=change,
    )
    return after if change is None else _with_units(after, change)


def _with_units(line: LineState, change: UnitChange) -> LineState:
    is_first = line.initial_quantity is None
    return replace(
        line,
        quantity=line.quantity + change.quantity,
        amount=None if line.amount is None else line.amount + change.amount,
        discount_quantity=line.discount_quantity + change.freed,
        initial_quantity=line.quantity if is_first else line.initial_quantity,
        initial_amount=line.amount if is_first else line.initial_amount,
    )
