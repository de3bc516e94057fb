"""What each rule looks at: one entry a name, a value or why there is none.

What this version does not know is refused in so many words, it never passes.

Source: rules specification, "Rule catalogue", "Counters and budgets".
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from campaigns.engine.declared_types import RESOURCES
from campaigns.engine.rules import Rule
from promo.comparison import Kind
from promo.metadata import metadata_value
from redemptions.engine.counters import COUNTERS, ORDERS
from redemptions.engine.facts import Line
from redemptions.engine.line_metadata import first_found
from redemptions.engine.order import OrderState
from redemptions.engine.rule_context import Missing, RuleContext

NO_CUSTOMER = Missing("missing_customer", "There is no customer")
NO_ORDER = Missing("missing_order", "There is no order")
NO_AMOUNT = Missing("missing_amount", "The order has no amount")
NO_ITEMS = Missing("missing_order_items", "The order has no items")
NO_EVENT = Missing(None, "No custom event is being handled")

Fact = Callable[[RuleContext, Rule], Any]


def fact_of(rule: Rule, context: RuleContext) -> Any:
    """Return the value a rule compares, or ``Missing``."""
    return FACTS[rule.name](context, rule)


def without_comparison(rule: Rule, context: RuleContext) -> Missing | None:
    """Return why metadata cannot be compared, None when it can.

    A place is asked for by the segment or the collection whose filter names it.
    """
    resource = RESOURCES.get(rule.name)
    if resource is None or context.kind(resource, rule.property) is not Kind.GEOPOINT:
        return None
    where = f"{rule.name} {rule.property}"
    return Missing(None, f"{where} is a place, which only a filter can look at")


def _segments(context: RuleContext, _: Rule) -> Any:
    customer = context.facts.customer
    return NO_CUSTOMER if customer is None else customer.segments


def _tiers(context: RuleContext, _: Rule) -> Any:
    customer = context.facts.customer
    return NO_CUSTOMER if customer is None else customer.loyalty_tiers


def _customer_metadata(context: RuleContext, rule: Rule) -> Any:
    customer = context.facts.customer
    if customer is None:
        return NO_CUSTOMER
    return metadata_value(customer.metadata, rule.property or "")


def _order_metadata(context: RuleContext, rule: Rule) -> Any:
    order = context.facts.order
    if order is None:
        return NO_ORDER
    return metadata_value(order.metadata, rule.property or "")


def _redemption_metadata(context: RuleContext, rule: Rule) -> Any:
    return metadata_value(context.facts.metadata, rule.property or "")


def _event_metadata(context: RuleContext, rule: Rule) -> Any:
    metadata = context.facts.event_metadata
    if metadata is None:
        return NO_EVENT
    return metadata_value(metadata, rule.property or "")


def _amount(of: Callable[[OrderState], int | None]) -> Fact:
    def found(context: RuleContext, _: Rule) -> Any:
        if context.facts.order is None:
            return NO_ORDER
        amount = of(context.before)
        return NO_AMOUNT if amount is None else amount

    return found


def _total_amount(context: RuleContext, rule: Rule) -> Any:
    if context.facts.order is None:
        return NO_ORDER
    if context.after is None:
        return Missing(None, f"{rule.name} is known once the discount is calculated")
    amount = context.after.total_amount
    return NO_AMOUNT if amount is None else amount


def _points_used(context: RuleContext, rule: Rule) -> Any:
    if context.after is None:
        return Missing(None, f"{rule.name} is known once the points are calculated")
    spent = context.spent
    return spent.amount if spent is not None and spent.of_points else 0


def without_items(context: RuleContext) -> Missing | None:
    """Return why there are no lines to look at, None when there are some."""
    if context.facts.order is None:
        return NO_ORDER
    return None if context.lines else NO_ITEMS


def _units(context: RuleContext, _: Rule) -> Any:
    order = context.facts.order
    return without_items(context) or (0 if order is None else order.sent_units)


def _counter(context: RuleContext, rule: Rule) -> Any:
    """Return what stands and what the redemption being evaluated adds."""
    kind, usage = COUNTERS[rule.name], context.usage
    if kind.by == "customer" and context.facts.customer is None:
        return NO_CUSTOMER
    if kind.by in _CALLERS and rule.name not in usage.buckets:
        return _CALLERS[kind.by]
    if kind.measure == ORDERS:
        missing = _initial_amount(context, rule)
        if isinstance(missing, Missing):
            return missing
    if kind.measure not in usage.adds:
        return Missing(None, f"{rule.name} is known once the discount is calculated")
    key = usage.key(rule.name, context.redeemable)
    stands = 0 if key is None else usage.used.get(key, 0)
    return stands + usage.adds[kind.measure]


_CALLERS: Mapping[str | None, Missing] = {
    "key": Missing(None, "No API key is used"),
    "user": Missing(None, "Nobody is signed in"),
}
_initial_amount = _amount(lambda order: order.initial_amount)


FACTS: Mapping[str, Fact] = {
    "customer.segment": _segments,
    "customer.loyalty.tier": _tiers,
    "customer.metadata": _customer_metadata,
    "order.metadata": _order_metadata,
    "redemption.metadata": _redemption_metadata,
    "custom_event.metadata": _event_metadata,
    "redemption.api_key": lambda context, _rule: context.facts.caller.api_key_id,
    "redemption.user.login": lambda context, _rule: context.facts.caller.user_login,
    "order.amount": _amount(lambda order: order.total_amount),
    "order.initial_amount": _initial_amount,
    "order.total_amount": _total_amount,
    "order.items.count": _units,
    **dict.fromkeys(COUNTERS, _counter),
    "redemption.reward.pay_with_points.points_used": _points_used,
}


def line_price(line: Line) -> Decimal | None:
    """Return the price of one unit, from the amount when no price is named."""
    if line.price is not None:
        return Decimal(line.price)
    if line.amount is None or not line.quantity:
        return None
    return Decimal(line.amount) / line.quantity


def line_amount(line: Line) -> int:
    """Return the value of a line before discounts, 0 when nothing names it."""
    if line.amount is not None:
        return line.amount
    return (line.price or 0) * line.quantity


def line_metadata(line: Line, path: str) -> Any:
    """Return metadata of a line: its own, else its SKU's, else its product's."""
    sources = [line.metadata]
    sources += [item.metadata for item in (line.sku, line.product) if item is not None]
    return first_found(sources, path)
