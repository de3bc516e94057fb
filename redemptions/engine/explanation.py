"""A decision told to people: a trace tree for programs, sentences for the rest."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from campaigns.engine.discounts import DiscountType, Effect
from promo.money import in_major_units

if TYPE_CHECKING:
    from redemptions.engine.decision import (
        AppliedDiscount,
        AppliedUnit,
        Decision,
        Entry,
        Spent,
    )

_WHERE = {
    Effect.APPLY_TO_ORDER: "the order",
    Effect.APPLY_TO_ITEMS: "items",
    Effect.APPLY_TO_ITEMS_BY_QUANTITY: "every unit of items",
    Effect.APPLY_TO_ITEMS_PROPORTIONALLY: "items, split by amount,",
    Effect.APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY: "items, split by quantity,",
}


def decision_as_trace(decision: "Decision") -> dict[str, Any]:
    """Return every check of every redeemable as JSON."""
    return {
        "valid": decision.valid,
        "application_mode": decision.facts.stacking.redeemables_application_mode,
        "redeemables": [entry_as_trace(entry) for entry in decision.entries],
        "sentences": list(decision_in_words(decision)),
    }


def entry_as_trace(entry: "Entry") -> dict[str, Any]:
    """Return one redeemable's checks, in the order in which they were made."""
    return {
        "id": entry.redeemable.ref,
        "object": entry.redeemable.object,
        "status": entry.status.value,
        "checks": [
            {"check": step.check, "passed": step.passed, **step.facts}
            for step in entry.steps
        ],
    }


def decision_in_words(decision: "Decision") -> tuple[str, ...]:
    """Return the outcome in English, redeemable by redeemable."""
    return tuple(line for entry in decision.entries for line in entry_in_words(entry))


def entry_in_words(entry: "Entry") -> Iterator[str]:
    """Say what became of one redeemable, and why."""
    name = entry.redeemable.name or entry.redeemable.code or entry.redeemable.ref
    if entry.skip is not None:
        yield f"{name} was skipped: {entry.skip.message}."
    elif entry.refusal is not None:
        yield f"{name} was refused: {entry.refusal.message}."
        yield from _rule_sentences(entry)
    else:
        yield _applied(name, entry)


def discount_in_words(discount: "AppliedDiscount") -> str:
    """Return the discount as a marketer would say it: "10 % off the order"."""
    if discount.definition.type is DiscountType.UNIT:
        return " and ".join(_unit_in_words(unit) for unit in discount.units)
    where = _WHERE[discount.effect].rstrip(",")
    if discount.definition.type is DiscountType.PERCENT:
        return f"{Decimal(discount.value or 0).normalize():f} % off {where}"
    if discount.value is None:
        return f"a new price for {where}"
    amount = in_major_units(int(discount.value))
    if discount.definition.type is DiscountType.FIXED:
        return f"a new price of {amount} for {where}"
    return f"{amount} off {where}"


def _unit_in_words(unit: "AppliedUnit") -> str:
    item = unit.found.sku or unit.found.product
    name = (item.name or item.source_id) if item is not None else None
    given = f"{unit.unit_off} of {name or unit.unit_type}"
    if unit.effect is Effect.REPLACE_ITEMS:
        return f"{given} in place of each matching unit"
    return f"{given} for free"


def _applied(name: str, entry: "Entry") -> str:
    if entry.spent is not None and entry.spent.amount:
        return f"{name} applies: {_credits(entry.spent)}{_left(entry)}."
    if entry.discount is None or not entry.taken.has_effect:
        return f"{name} applies and takes nothing off."
    taken = in_major_units(entry.taken.amount)
    sentence = f"{name} applies: {discount_in_words(entry.discount)} takes off {taken}"
    return f"{sentence}{_left(entry)}."


def _credits(spent: "Spent") -> str:
    used, available = in_major_units(spent.amount), in_major_units(spent.available)
    return f"it pays {used} of its {available}"


def _left(entry: "Entry") -> str:
    total = entry.order.total_amount if entry.order is not None else None
    return "" if total is None else f" and leaves {in_major_units(total)}"


def _rule_sentences(entry: "Entry") -> Iterator[str]:
    for step in entry.steps:
        if not step.passed:
            yield from step.facts.get("sentences", ())
