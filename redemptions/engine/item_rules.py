"""Rules about order lines: which match, and what the nested rules say of them.

Aggregates are taken over all lines that match by product; the other nested rules
are asked of single lines. Under ``any`` one and the same line must satisfy all of
them, under the others every line must.

Source: rules specification, "Order item rules", "Legacy product and SKU rules".
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.engine.rules import Rule
from redemptions.engine.applicability import covers
from redemptions.engine.facts import Line
from redemptions.engine.rule_context import RuleContext
from redemptions.engine.rule_facts import (
    line_amount,
    line_metadata,
    line_price,
)

NEGATIVE = frozenset({"$is_not", "$not_in"})
EXTREMES: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "order.items.cheapest": min,
    "order.items.most_expensive": max,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The lines that a parent matched, and those its nested rules are asked of."""

    matched: tuple[Line, ...]
    asked: tuple[Line, ...]


def matches(rule: Rule, line: Line, context: RuleContext) -> bool:
    """Say whether a line satisfies the conditions of an item rule."""
    return all(
        names(rule, (operator,), line, context) != (operator in NEGATIVE)
        for operator in rule.conditions
    )


def names(
    rule: Rule, operators: Collection[str], line: Line, context: RuleContext
) -> bool:
    """Say whether a line is a target of one of the rule's ``operators``."""
    everything = context.facts.all_products_id
    return any(
        covers(target, line, everything)
        for operator in operators
        for target in rule.conditions.get(operator, ())
    )


def candidates(rule: Rule, context: RuleContext) -> tuple[Line, ...]:
    """Return the lines an extreme is searched in: priced ones inside ``$from``."""
    bounded = "$from" in rule.conditions
    return tuple(
        line
        for line in context.lines
        if line_price(line) is not None
        and (not bounded or names(rule, ("$from",), line, context))
    )


def extreme(rule: Rule, context: RuleContext) -> tuple[Line, ...]:
    """Return all lines that share the lowest or highest unit price."""
    lines = candidates(rule, context)
    if not lines:
        return ()
    price = EXTREMES[rule.name]([line_price(line) for line in lines])
    return tuple(line for line in lines if line_price(line) == price)


def _metadata(line: Line, rule: Rule) -> Any:
    return line_metadata(line, rule.property or "")


def _price(line: Line, _: Rule) -> Any:
    return line_price(line)


def _quantity(line: Line, _: Rule) -> Any:
    return line.quantity


#: Rules that a line without price never satisfies.
PRICED = frozenset(
    {
        "order.items.price",
        "order.items.price_any",
        "order.items.price_each",
        "product.price",
        "sku.price",
    }
)

#: Rules asked of single lines.
LINE_FACTS: Mapping[str, Callable[[Line, Rule], Any]] = {
    "order.items.price": _price,
    "order.items.quantity": _quantity,
    "order.items.metadata": _metadata,
    "product.price": _price,
    "product.quantity": _quantity,
    "sku.price": _price,
    "sku.quantity": _quantity,
}


def _total_amount(lines: Sequence[Line]) -> int:
    return sum(line_amount(line) for line in lines)


def _total_quantity(lines: Sequence[Line]) -> int:
    return sum(line.quantity for line in lines)


#: Rules asked of all lines matched together.
AGGREGATES: Mapping[str, Callable[[Sequence[Line]], int]] = {
    "order.items.aggregated_amount": _total_amount,
    "order.items.aggregated_quantity": _total_quantity,
    "product.metadata.aggregated_amount": _total_amount,
    "product.metadata.aggregated_quantity": _total_quantity,
}

#: Rules at the top of a set that ask some line, or every line, for one fact.
QUANTIFIED: Mapping[str, tuple[bool, Callable[[Line, Rule], Any]]] = {
    "order.items.price_any": (False, _price),
    "order.items.price_each": (True, _price),
    "order.items.metadata_any": (False, _metadata),
    "order.items.metadata_each": (True, _metadata),
}
