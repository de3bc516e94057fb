"""How much a discount takes off: AMOUNT, PERCENT and FIXED, on order and items.

All amounts are minor units, computed exactly and rounded once, halves away from
zero. Nothing here takes off more than is left.

Source: engine specification, "Discount types and effects".
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial

from campaigns.engine.discounts import Discount, DiscountType, Effect
from promo.money import round_half_up, split
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
        wanted = _wanted_off_lines(discount, state, covered, from_initial=from_initial)
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
        return _percentage(base, *_ratio(value))
    if discount.definition.type is DiscountType.FIXED:
        return 0 if discount.value is None else max(0, base - int(value))
    return int(value)


def _wanted_off_lines(
    discount: AppliedDiscount,
    state: OrderState,
    covered: Sequence[Covered],
    *,
    from_initial: bool,
) -> list[int]:
    payable = _payable_shares(state, covered)
    kind = discount.definition.type
    wanted: Iterable[Fraction | int]
    if kind is DiscountType.FIXED:
        wanted = map(partial(_down_to_price, discount), covered, payable)
    elif kind is DiscountType.PERCENT:
        bases = _initial_shares(state, covered) if from_initial else payable
        wanted = _percentages(discount, covered, bases)
    else:
        by_unit = discount.effect is Effect.APPLY_TO_ITEMS_BY_QUANTITY
        wanted = (
            int(discount.value_on(each.position) or 0)
            * (len(each.units) if by_unit else 1)
            for each in covered
        )
    return _rounded(map(min, payable, wanted))


def _rounded(amounts: Iterable[Fraction | int]) -> list[int]:
    """Round what is no whole unit; of a large order hardly anything is."""
    return [
        amount if isinstance(amount, int) else round_half_up(amount)
        for amount in amounts
    ]


def _percentages(
    discount: AppliedDiscount,
    covered: Sequence[Covered],
    bases: Sequence[Fraction | int],
) -> Iterable[int]:
    if not discount.by_line:
        numerator, denominator = _ratio(discount.value or 0)
        return [_percentage(base, numerator, denominator) for base in bases]
    return [
        _percentage(base, *_ratio(discount.value_on(each.position) or 0))
        for each, base in zip(covered, bases, strict=True)
    ]


def _down_to_price(
    discount: AppliedDiscount, covered: Covered, left: Fraction | int
) -> Fraction | int:
    """Take the covered units down to their new price; a dearer price takes nothing."""
    price = new_price(discount, covered)
    return 0 if price is None else max(0, left - price * len(covered.units))


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
    ceilings = _rounded(_payable_shares(state, covered))
    weights = ceilings
    if discount.effect is Effect.APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY:
        weights = [len(each.units) for each in covered]
    elif from_initial:
        weights = _rounded(_initial_shares(state, covered))
    return split_within(int(discount.value or 0), weights, ceilings)


def _within_caps(
    discount: AppliedDiscount,
    state: OrderState,
    covered: Sequence[Covered],
    wanted: Sequence[int],
) -> dict[int, int]:
    definition = discount.definition
    left = _smallest(state.payable_amount, definition.aggregated_amount_limit)
    if sum(wanted) <= left and not _has_caps(definition, covered):
        return {
            each.position: amount
            for each, amount in zip(covered, wanted, strict=True)
            if amount
        }
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


def _has_caps(definition: Discount, covered: Sequence[Covered]) -> bool:
    entries = {each.entry_position: each.entry for each in covered}
    return definition.amount_limit is not None or any(
        entry.amount_limit is not None or entry.aggregated_amount_limit is not None
        for entry in entries.values()
    )


def _initial_shares(state: OrderState, covered: Sequence[Covered]) -> list[Fraction]:
    return [
        _initial_share(state.units[each.position], len(each.units)) for each in covered
    ]


def _initial_share(line: LineState, units: int) -> Fraction:
    """Return what ``units`` of the line cost before any unit was added to it."""
    amount, quantity = line.initial_amount, line.initial_quantity
    if quantity is None:
        quantity = line.quantity
    if not quantity:
        return Fraction(0)
    known = (line.amount or 0) if amount is None else amount
    return Fraction(known * min(units, quantity), quantity)


def _payable_shares(
    state: OrderState, covered: Sequence[Covered]
) -> list[Fraction | int]:
    """Return what the covered units have left to pay, never negative."""
    payable = [max(0, left) for left in state.left]
    lines = state.units
    return [
        payable[each.position]
        if len(each.units) == lines[each.position].quantity
        else Fraction(
            payable[each.position] * len(each.units), lines[each.position].quantity
        )
        for each in covered
    ]


def _percentage(base: Fraction | int, numerator: int, denominator: int) -> int:
    """Return the share of ``base``, which is not negative, rounded half up."""
    return (2 * base * numerator + denominator) // (2 * denominator)


@lru_cache(maxsize=1024)
def _ratio(percent: int | Decimal) -> tuple[int, int]:
    return (Fraction(percent) / 100).as_integer_ratio()


def _smallest(amount: int, *caps: int | None) -> int:
    return min([amount, *(cap for cap in caps if cap is not None)])
