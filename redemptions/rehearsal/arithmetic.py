"""What each offer takes off each line and off the order, as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from promo.admin.presentation import money
from redemptions.admin.cart import Cart
from redemptions.engine.decision import Decision, Entry
from redemptions.engine.order import LineState, OrderState


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the cart, or a sum: before, what each offer does, what is left."""

    name: str
    before: str
    cells: Sequence[str]
    left: str
    note: str = ""
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The table: a column an offer that applies, in the order of application."""

    offers: Sequence[str]
    rows: Sequence[Row]


def arithmetic_of(decision: Decision, cart: Cart, currency: str) -> Arithmetic | None:
    """Return the arithmetic of a decision; None when there is nothing to reckon."""
    order = decision.order
    if order is None or order.amount is None or not decision.valid:
        return None
    table = _Table(decision.applicable, order, currency)
    lines = [
        table.line(position, line, shown.name, shown.note)
        for position, (line, shown) in enumerate(
            zip(order.lines, cart.lines, strict=True)
        )
    ]
    names = [each.redeemable.name or each.redeemable.ref for each in table.entries]
    return Arithmetic(names, [*lines, *table.sums()])


@dataclass(frozen=True, slots=True)
class _Table:
    entries: Sequence[Entry]
    order: OrderState
    currency: str

    def line(self, position: int, line: LineState, name: str, note: str) -> Row:
        before = line.amount if line.initial_quantity is None else line.initial_amount
        count = (
            line.quantity if line.initial_quantity is None else line.initial_quantity
        )
        return Row(
            name,
            money(before, self.currency),
            [self._on_line(position, entry) for entry in self.entries],
            "-" if line.amount is None else self._money(line.subtotal_amount),
            note=", ".join(part for part in (note, self._count(count, line)) if part),
        )

    def _count(self, count: int, line: LineState) -> str:
        price = line.line.price
        return f"{count:,}" if price is None else f"{count:,} x {self._money(price)}"

    def sums(self) -> list[Row]:
        """Return what is taken off the whole order, and what is left after each."""
        entries, order = self.entries, self.order
        rows = []
        if any(entry.taken.order_amount for entry in entries):
            off = [self._off(entry.taken.order_amount) for entry in entries]
            rows.append(Row("The whole order", "", off, ""))
        if any(entry.taken.by_line for entry in entries):
            taken = [self._off(entry.taken.amount) for entry in entries]
            all_off = sum(entry.taken.amount for entry in entries)
            rows.append(Row("Taken off", "", taken, self._off(all_off)))
        left = [
            self._money(entry.order.total_amount or 0) if entry.order else ""
            for entry in entries
        ]
        before = order.initial_amount if order.initial_amount is not None else 0
        total = self._money(order.total_amount or 0)
        rows.append(Row("Left to pay", self._money(before), left, total, is_total=True))
        return rows

    def _on_line(self, position: int, entry: Entry) -> str:
        """Return what an offer does to a line: money, units, or both."""
        parts = [self._off(entry.taken.by_line.get(position, 0))]
        change = entry.taken.units.get(position)
        if change is not None and change.quantity:
            parts.append(f"{change.quantity:+} units")
        return ", ".join(part for part in parts if part)

    def _off(self, amount: int) -> str:
        return f"-{self._money(amount)}" if amount else ""

    def _money(self, amount: int) -> str:
        return money(amount, self.currency)
