"""How much a discount takes off: AMOUNT, PERCENT and FIXED, on order and items.

All amounts are minor units, computed exactly and rounded once, halves away from
zero. Nothing here takes off more than is left.

Source: engine specification, "Discount types and effects".
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from campaigns.engine.discounts import DiscountType, Effect
from promo.money import round_half_up, rounded_ratio, split
from redemptions.engine.decision import AppliedDiscount
from redemptions.engine.order import LineState, OrderState, Taken
from redemptions.engine.selection import Covered

_SPLITS = frozenset(
    {
        Effect.APPLY_TO_ITEMS_PROPORTIONALLY,
        Effect.APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY,
    }
)


def off_order(
    discount: AppliedDiscount, state: OrderState, *, from_initial: bool = False
) -> Taken:
    """Return what an order-level discount takes off ``state``.

    ``from_initial`` reckons a percentage or new price on the order's value before
    any discount instead of on what is left to pay.
    """
    base = state.payable_amount
    if from_initial:
        base = state.initial_amount or 0
    definition = discount.definition
    return Taken(
        order_amount=_smallest(
            _wanted_off_order(discount, base),
            definition.amount_limit,
            definition.aggregated_amount_limit,
            state.payable_amount,
        )
    )


def off_items(
    discount: AppliedDiscount,
    state: OrderState,
    covered: Sequence[Covered],
    *,
    from_initial: bool = False,
) -> Taken:
    """Return what an item-level discount takes off the ``covered`` units.

    Lines are served in the order of ``covered`` until a cap, or what is left to
    pay, is used up. ``from_initial`` reckons percentages and the weights of a split
    on the lines' values before any discount.
    """
    if discount.effect in _SPLITS:
        wanted = _split_over_lines(discount, state, covered, from_initial=from_initial)
    else:
        wanted = [
            _wanted_off_line(
                discount, each, state.lines[each.position], from_initial=from_initial
            )
            for each in covered
        ]
    return Taken(by_line=_within_caps(discount, state, covered, wanted))


def split_within(
    total: int, weights: Sequence[int], ceilings: Sequence[int]
) -> list[int]:
    """Split ``total`` by ``weights``, no part above its ceiling.

    What a cut part cannot hold is split again over the others, so that the parts
    add up to ``total`` or to the sum of the ceilings, whichever is smaller.

    Source: engine specification, "Item-level AMOUNT and PERCENT".
    """
    parts = [0] * len(weights)
    left = min(total, sum(ceilings))
    while left:
        shares = split(
            left,
            [
                weight if part < ceiling else 0
                for weight, part, ceiling in zip(weights, parts, ceilings, strict=True)
            ],
        )
        parts = [
            min(part + share, ceiling)
            for part, share, ceiling in zip(parts, shares, ceilings, strict=True)
        ]
        if not any(shares):
            break
        left = min(total, sum(ceilings)) - sum(parts)
    return parts


def _wanted_off_order(discount: AppliedDiscount, base: int) -> int:
    value = discount.value or 0
    if discount.definition.type is DiscountType.PERCENT:
        return _percentage(base, _exact(value))
    if discount.definition.type is DiscountType.FIXED:
        return 0 if discount.value is None else max(0, base - int(value))
    return int(value)


def _wanted_off_line(
    discount: AppliedDiscount, covered: Covered, line: LineState, *, from_initial: bool
) -> int:
    units = len(covered.units)
    left = _share_of_line(line, line.payable_amount, units)
    value = discount.value_on(covered.position) or 0
    if discount.definition.type is DiscountType.PERCENT:
        base: Fraction | int = left
        if from_initial:
            base = _initial_share(line, units)
        return min(_percentage(base, _exact(value)), round_half_up(left))
    if discount.definition.type is DiscountType.FIXED:
        return _down_to_price(discount, covered, left)
    if discount.effect is Effect.APPLY_TO_ITEMS_BY_QUANTITY:
        return round_half_up(min(left, int(value) * units))
    return round_half_up(min(left, int(value)))


def _down_to_price(
    discount: AppliedDiscount, covered: Covered, left: Fraction | int
) -> int:
    """Take the covered units down to their new price; a dearer price takes nothing."""
    price = new_price(discount, covered)
    if price is None:
        return 0
    return round_half_up(max(0, left - price * len(covered.units)))


def new_price(discount: AppliedDiscount, covered: Covered) -> int | None:
    """Return the unit price a FIXED discount sets: the entry's, else its own."""
    price = discount.prices.get(covered.position, covered.entry.price)
    if price is not None:
        return price
    value = discount.value_on(covered.position)
    return None if value is None else int(value)


def _split_over_lines(
    discount: AppliedDiscount,
    state: OrderState,
    covered: Sequence[Covered],
    *,
    from_initial: bool,
) -> list[int]:
    ceilings, weights = [], []
    for each in covered:
        line, units = state.lines[each.position], len(each.units)
        ceilings.append(round_half_up(_share_of_line(line, line.payable_amount, units)))
        if discount.effect is Effect.APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY:
            weights.append(units)
        elif from_initial:
            weights.append(round_half_up(_initial_share(line, units)))
        else:
            weights.append(ceilings[-1])
    return split_within(int(discount.value or 0), weights, ceilings)


def _within_caps(
    discount: AppliedDiscount,
    state: OrderState,
    covered: Sequence[Covered],
    wanted: Sequence[int],
) -> dict[int, int]:
    definition = discount.definition
    left = _smallest(state.payable_amount, definition.aggregated_amount_limit)
    left_of_entry: dict[int, int | None] = {}
    taken = {}
    for each, amount in zip(covered, wanted, strict=True):
        entry = each.entry
        entry_left = left_of_entry.get(
            each.entry_position, entry.aggregated_amount_limit
        )
        part = _smallest(
            amount, definition.amount_limit, entry.amount_limit, entry_left, left
        )
        left -= part
        if entry_left is not None:
            left_of_entry[each.entry_position] = entry_left - part
        if part:
            taken[each.position] = part
    return taken


def _initial_share(line: LineState, units: int) -> Fraction:
    """Return what ``units`` of the line cost before any unit was added to it."""
    amount, quantity = line.initial_amount, line.initial_quantity
    if quantity is None:
        quantity = line.quantity
    if not quantity:
        return Fraction(0)
    known = (line.amount or 0) if amount is None else amount
    return Fraction(known * min(units, quantity), quantity)


def _share_of_line(line: LineState, amount: int, units: int) -> Fraction | int:
    if units == line.quantity:
        return amount
    return Fraction(amount * units, line.quantity)


def _percentage(base: Fraction | int, percent: Fraction) -> int:
    return rounded_ratio(
        base.numerator * percent.numerator,
        base.denominator * percent.denominator * 100,
    )


@lru_cache(maxsize=1024)
def _exact(percent: int | Decimal) -> Fraction:
    return Fraction(percent)


def _smallest(amount: int, *caps: int | None) -> int:
    return min([amount, *(cap for cap in caps if cap is not None)])
