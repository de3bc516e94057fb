"""What a number of bundles multiplies: values, caps, or units.

Source: engine specification, "Bundles".
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from campaigns.engine.applicability import Entry
from campaigns.engine.discounts import DiscountType, Effect
from redemptions.engine.applicability import Lists
from redemptions.engine.decision import AppliedDiscount

_HUNDRED = Decimal(100)
#: Effects whose caps on units are multiplied, their values being those of a unit.
_BY_UNIT = frozenset({Effect.APPLY_TO_ITEMS_BY_QUANTITY, Effect.REPLACE_ITEMS})


def multiplied(
    discount: AppliedDiscount, lists: Lists, times: int
) -> tuple[AppliedDiscount, Lists]:
    """Return the discount and the lists of ``times`` bundles."""
    if times == 1:
        return discount, lists
    kind, effect = discount.definition.type, discount.effect
    if kind is DiscountType.PERCENT:
        return _with_percents(discount, times), lists
    if effect in _BY_UNIT or (kind, effect) == _NEW_PRICE:
        return discount, _with_entries(lists, lambda entry: _units_capped(entry, times))
    if kind is DiscountType.UNIT:
        return _with_units(discount, times), lists
    if kind is DiscountType.FIXED:
        return discount, lists
    amounts = _with_entries(lists, lambda entry: _amounts_capped(entry, times))
    return _with_amounts(discount, times), amounts


_NEW_PRICE = (DiscountType.FIXED, Effect.APPLY_TO_ITEMS)


def _with_percents(discount: AppliedDiscount, times: int) -> AppliedDiscount:
    def percent(value: int | Decimal | None) -> Decimal:
        return min(Decimal(value or 0) * times, _HUNDRED)

    by_line = {position: percent(one) for position, one in discount.by_line.items()}
    return replace(discount, value=percent(discount.value), by_line=by_line)


def _with_amounts(discount: AppliedDiscount, times: int) -> AppliedDiscount:
    definition = discount.definition
    limit = _times(definition.aggregated_amount_limit, times)
    return replace(
        discount,
        definition=replace(definition, aggregated_amount_limit=limit),
        value=int(discount.value or 0) * times,
        by_line={at: int(value) * times for at, value in discount.by_line.items()},
    )


def _with_units(discount: AppliedDiscount, times: int) -> AppliedDiscount:
    units = tuple(
        replace(unit, unit_off=unit.unit_off * times) for unit in discount.units
    )
    value = None if discount.value is None else units[0].unit_off
    return replace(discount, value=value, units=units)


def _with_entries(lists: Lists, change: Callable[[Entry], Entry]) -> Lists:
    return replace(lists, entries=tuple(change(entry) for entry in lists.entries))


def _units_capped(entry: Entry, times: int) -> Entry:
    return replace(
        entry,
        quantity_limit=_times(entry.quantity_limit, times),
        aggregated_quantity_limit=_times(entry.aggregated_quantity_limit, times),
    )


def _amounts_capped(entry: Entry, times: int) -> Entry:
    return replace(
        entry,
        amount_limit=_times(entry.amount_limit, times),
        aggregated_amount_limit=_times(entry.aggregated_amount_limit, times),
    )


def _times(limit: int | None, times: int) -> int | None:
    return None if limit is None else limit * times
