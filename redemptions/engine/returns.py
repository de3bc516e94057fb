"""What comes back when units of an order are returned.

What each line cost, and what each redemption took off it, is laid down once
(`sold_lines`). From then on everything follows from how many units of each line are
back: a return is the difference between two such states, so returning everything comes
to the same in any split and in any order. Money is minor units.

Source: ADR 0014.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from promo.money import rounded_ratio, split
from redemptions.engine.effects import split_within
from redemptions.engine.facts import OrderFacts
from redemptions.engine.order import OrderState, Taken, opening_state

#: The key of discounts that no redemption gave.
OTHER = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What the redemption ``key`` took off the order, positions being its lines'."""

    key: str
    taken: Taken


@dataclass(frozen=True, slots=True)
class SoldLine:
    """One line as it was sold.

    ``amount`` is what its units cost before discounts, their part of the order's
    value. ``discounts`` are the parts of the redemptions, by key, those of discounts
    on the whole order included; a key with 0 gave units of the line, not money.
    """

    quantity: int
    amount: int
    discounts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Back:
    """What units of one line come to: their price and the discounts taken back."""

    amount: int
    discounts: Mapping[str, int]

    @property
    def discount_amount(self) -> int:
        """All discounts together."""
        return sum(self.discounts.values())

    @property
    def refund_amount(self) -> int:
        """What was paid for the units, never negative."""
        return self.amount - self.discount_amount


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A redemption that still counts.

    ``family`` names what is rolled back along with it. ``discount_amount`` is all
    that it took off, ``card_amount`` the credits or points that it took of a card.
    """

    key: str
    family: str
    discount_amount: int
    card_amount: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """What a return takes back of one redemption, and returns to its card.

    ``is_last`` says that no unit is left that it gave something for: what remains of
    it goes too, and the redemption is rolled back.
    """

    discount_amount: int
    card_amount: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class Returned:
    """A return: its lines by position, its shares by key of the redemption.

    ``is_whole`` says that no unit of the order is left.
    """

    lines: Mapping[int, Back]
    shares: Mapping[str, Share]
    is_whole: bool

    @property
    def amount(self) -> int:
        """What the units cost before discounts."""
        return sum(each.amount for each in self.lines.values())

    @property
    def discount_amount(self) -> int:
        """What was taken off them, by redemptions and otherwise."""
        return sum(each.discount_amount for each in self.lines.values())

    @property
    def refund_amount(self) -> int:
        """What was paid for them."""
        return self.amount - self.discount_amount


def sold_lines(order: OrderFacts, given: Sequence[Given]) -> tuple[SoldLine, ...]:
    """Return the lines of ``order``, as it is kept, with all discounts laid on them.

    Discounts on items stay on their lines. Those on the order are spread over what is
    left of the lines, in proportion, one redemption after the other. What the order
    costs is spread over its lines by their amounts: the parts add up to what it costs
    and to what was taken off it.
    """
    state = opening_state(order)
    laying = _Laying(state)
    for each in given:
        laying.on_lines(each.key, each.taken)
    laying.on_lines(OTHER, Taken(by_line=dict(enumerate(laying.line_room))))
    for each in given:
        laying.over_lines(each.key, each.taken.order_amount)
    laying.over_lines(OTHER, laying.order_room)
    return tuple(
        SoldLine(line.quantity, amount, discounts)
        for line, amount, discounts in zip(
            state.lines, _values(state), laying.parts, strict=True
        )
    )


def returned(
    lines: Sequence[SoldLine],
    before: Sequence[int],
    after: Sequence[int],
    redeemed: Sequence[Redeemed],
) -> Returned:
    """Return what it comes to when more units are back than were before.

    ``before`` and ``after`` are how many units of each line are back, by position.
    """
    were = [_upto(*pair) for pair in zip(lines, before, strict=True)]
    are = [_upto(*pair) for pair in zip(lines, after, strict=True)]
    open_keys = _open_keys(lines, after)
    is_whole = all(
        line.quantity == count for line, count in zip(lines, after, strict=True)
    )
    families = _families(redeemed, lines)
    return Returned(
        lines={
            position: _difference(were[position], are[position])
            for position, count in enumerate(after)
            if count > before[position]
        },
        shares={
            each.key: _share(
                each,
                were,
                are,
                is_last=(
                    families[each.family].isdisjoint(open_keys)
                    if families[each.family]
                    else is_whole
                ),
            )
            for each in redeemed
        },
        is_whole=is_whole,
    )


def _values(state: OrderState) -> list[int]:
    """Return what each line's part of the order's value is."""
    weights = [(line.amount or 0) if line.quantity else 0 for line in state.lines]
    if not any(weights):
        weights = [line.quantity for line in state.lines]
    return split(state.amount or 0, weights)


class _Laying:
    """Discounts on their way to the lines.

    ``line_room`` and ``order_room`` are what the order shows as taken off and nobody
    has accounted for yet: a shop may have overwritten what redemptions gave.
    """

    def __init__(self, state: OrderState) -> None:
        self.left = _values(state)
        self.line_room = [line.discount_amount for line in state.lines]
        self.order_room = state.discount_amount
        self.parts: list[dict[str, int]] = [{} for _ in state.lines]
        self._beyond: dict[str, int] = {}

    def on_lines(self, key: str, taken: Taken) -> None:
        """Lay what was taken off lines on these, as far as they hold it."""
        for position, change in taken.units.items():
            if change.quantity > 0 or change.freed:
                self._put(position, key, 0)
        for position, wanted in taken.by_line.items():
            amount = min(wanted, self.line_room[position])
            self.line_room[position] -= amount
            held = min(amount, self.left[position])
            self._beyond[key] = self._beyond.get(key, 0) + amount - held
            if held:
                self._put(position, key, held)

    def over_lines(self, key: str, wanted: int) -> None:
        """Spread what was taken off the order, and what the lines did not hold."""
        amount = min(wanted, self.order_room)
        self.order_room -= amount
        total = amount + self._beyond.get(key, 0)
        for position, part in enumerate(split_within(total, self.left, self.left)):
            if part:
                self._put(position, key, part)

    def _put(self, position: int, key: str, amount: int) -> None:
        parts = self.parts[position]
        parts[key] = parts.get(key, 0) + amount
        self.left[position] -= amount


def _upto(line: SoldLine, units: int) -> Back:
    """Return what the first ``units`` of a line come to.

    The running sum of the price is rounded; that of the discounts is its part, and
    what each redemption has of it a part of what the next ones leave. So no unit
    gives back less than nothing, and all of them together exactly everything.
    """
    amount = _part(line.amount, units, line.quantity)
    whole = sum(line.discounts.values())
    running = _part(whole, amount, line.amount)
    discounts: dict[str, int] = {}
    for key, own in sorted(line.discounts.items(), reverse=True):
        rest = _part(whole - own, running, whole)
        discounts[key] = running - rest
        running, whole = rest, whole - own
    return Back(amount, discounts)


def _part(whole: int, count: int, of: int) -> int:
    return rounded_ratio(whole * count, of) if of else 0


def _difference(before: Back, after: Back) -> Back:
    parts = {key: part - before.discounts[key] for key, part in after.discounts.items()}
    return Back(after.amount - before.amount, parts)


def _open_keys(lines: Sequence[SoldLine], after: Sequence[int]) -> frozenset[str]:
    """Return whose discounts lie on lines with units that are not back."""
    return frozenset(
        key
        for line, count in zip(lines, after, strict=True)
        if count < line.quantity
        for key in line.discounts
    )


def _families(
    redeemed: Sequence[Redeemed], lines: Sequence[SoldLine]
) -> dict[str, set[str]]:
    """Return the keys of each family that lie on a line; none where nothing does."""
    laid = {key for line in lines for key in line.discounts}
    families: dict[str, set[str]] = {}
    for each in redeemed:
        families.setdefault(each.family, set()).update({each.key} & laid)
    return families


def _share(
    redemption: Redeemed,
    before: Sequence[Back],
    after: Sequence[Back],
    *,
    is_last: bool,
) -> Share:
    was = sum(each.discounts.get(redemption.key, 0) for each in before)
    now = sum(each.discounts.get(redemption.key, 0) for each in after)
    card, whole = redemption.card_amount, redemption.discount_amount
    return Share(
        discount_amount=now - was,
        card_amount=_part(card, now, whole) - _part(card, was, whole),
        is_last=is_last,
    )
