"""A discount, or a card's credits, worked out on an order.

Source: engine specification, "Check order", step 11.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from campaigns.engine.discounts import Discount, DiscountType, Effect
from redemptions.engine.applicability import Lists
from redemptions.engine.cards import lines_refusal, spent_by
from redemptions.engine.counters import CounterKey
from redemptions.engine.decision import AppliedDiscount, Spent
from redemptions.engine.dynamic import prices_of, with_worked_caps
from redemptions.engine.effects import off_items, off_order
from redemptions.engine.facts import Facts, Redeemable
from redemptions.engine.formula_facts import FormulaFacts
from redemptions.engine.lasting_caps import units_discounted, within_counters
from redemptions.engine.multiplication import multiplied
from redemptions.engine.order import NOTHING, OrderState, Taken, take_off
from redemptions.engine.refusals import Refusal, too_large
from redemptions.engine.replacing import replaced_units
from redemptions.engine.resolution import resolve
from redemptions.engine.selection import Covered, covered_units
from redemptions.engine.stacking import takes_initial_amount
from redemptions.engine.telling import Later
from redemptions.engine.units import free_units

_ITEM_LEVEL = frozenset(
    {
        Effect.APPLY_TO_ITEMS,
        Effect.APPLY_TO_ITEMS_BY_QUANTITY,
        Effect.APPLY_TO_ITEMS_PROPORTIONALLY,
        Effect.APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY,
    }
)


@dataclass(frozen=True, slots=True)
class Calculated:
    """A discount worked out on an order, before anything was decided about it.

    Cards are worked out as the discount they come to; ``spent`` says what they use,
    ``units`` how many units each counter takes, and how far it may go.
    """

    discount: AppliedDiscount
    covered: tuple[Covered, ...]
    taken: Taken
    order: OrderState
    spent: Spent | None = None
    units: Callable[[], Mapping[CounterKey, tuple[int, int | None]]] = dict

    @property
    def has_effect(self) -> bool:
        """Whether money or units move, or a card is drawn on."""
        return self.taken.has_effect or bool(self.spent and self.spent.amount)


def calculate(
    redeemable: Redeemable,
    discount: Discount,
    lists: Lists,
    state: OrderState,
    facts: Facts,
    *,
    used: Mapping[CounterKey, int],
    times: int = 1,
    bundles: int | None = None,
) -> Calculated | Refusal:
    """Work ``discount`` out on ``state``, given ``times`` for as many ``bundles``.

    ``used`` counts the units discounted before, for the caps that last.
    """
    operands = FormulaFacts(facts, redeemable, state, bundles)
    resolved = lines_refusal(redeemable, state, lists) or resolve(
        discount, lists, facts.units, operands
    )
    if isinstance(resolved, Refusal):
        return resolved
    if redeemable.discount is not None:
        resolved, lists = multiplied(resolved, lists, times)
    lists = with_worked_caps(lists, operands)
    resolved, covered, taken = _taken(resolved, lists, operands, used=used)
    after = take_off(state, taken)
    if after.is_too_large:
        return too_large()
    spent = spent_by(redeemable, taken, state)
    units = partial(units_discounted, covered, taken, state, redeemable, facts)
    return Calculated(resolved, covered, taken, after, spent, Later(units))


def _taken(
    discount: AppliedDiscount,
    lists: Lists,
    operands: FormulaFacts,
    *,
    used: Mapping[CounterKey, int],
) -> tuple[AppliedDiscount, tuple[Covered, ...], Taken]:
    """Return the discount with its prices, what the lists reach, what it takes off."""
    facts, state, redeemable = operands.facts, operands.state, operands.redeemable
    from_initial = takes_initial_amount(redeemable, facts.stacking)
    if discount.effect in _ITEM_LEVEL:
        covered = covered_units(lists, state, _closed_lines(state, facts))
        covered = within_counters(covered, state, redeemable, facts, used)
        discount = _priced(_on_lines(discount, covered), covered, operands)
        taken = off_items(discount, state, covered, from_initial=from_initial)
        return discount, covered, taken
    covered = covered_units(lists, state) if lists.listed else ()
    if discount.effect is Effect.APPLY_TO_ORDER:
        return discount, covered, off_order(discount, state, from_initial=from_initial)
    if facts.order is None:
        return discount, covered, NOTHING
    closed = _closed_lines(state, facts)
    if discount.effect is Effect.REPLACE_ITEMS:
        covered = covered_units(lists, state, closed)
        covered = within_counters(covered, state, redeemable, facts, used)
        [unit] = discount.units
        taken = replaced_units(unit, state, lists, covered, closed)
        return discount, covered, taken
    return discount, covered, free_units(discount.units, state, lists, closed)


def _on_lines(discount: AppliedDiscount, covered: Sequence[Covered]) -> AppliedDiscount:
    """Keep what formulas came to on lines that the discount reaches."""
    if not discount.by_line:
        return discount
    reached = {None, *(each.position for each in covered)}
    worked = tuple(each for each in discount.worked if each.line in reached)
    is_dynamic = any(each.value is not None for each in worked)
    return replace(discount, worked=worked, is_dynamic=is_dynamic)


def _priced(
    discount: AppliedDiscount, covered: Sequence[Covered], operands: FormulaFacts
) -> AppliedDiscount:
    """Give a new price on items what the entries' formulas come to."""
    if discount.definition.type is not DiscountType.FIXED:
        return discount
    prices, worked = prices_of(covered, operands)
    if not worked:
        return discount
    return replace(
        discount,
        prices=prices,
        worked=(*discount.worked, *worked),
        is_dynamic=discount.is_dynamic or bool(prices),
    )


def _closed_lines(state: OrderState, facts: Facts) -> frozenset[int]:
    """Return the lines that an earlier discount on items has closed to this one."""
    if facts.stacking.redeemables_products_application_mode != "ONCE":
        return frozenset()
    return frozenset(
        position
        for position, line in enumerate(state.units)
        if state.left[position] != (line.amount or 0) or line.discount_quantity
    )
