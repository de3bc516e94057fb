"""Every rule a marketer can choose: its facts, its operators, its values.

Source: rules specification, "Operators", "Rule catalogue", "Counters and budgets".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """What a rule is about; its failure key is ``<family>_rules_violated``."""

    CUSTOMER = "customer"
    ORDER = "order"
    REDEMPTION = "redemption"
    EVENT = "custom_event"


class Operand(StrEnum):
    """What the values of a rule's conditions are."""

    NUMBER = "number"
    TEXT = "string"
    BOOLEAN = "boolean"
    ANY = "scalar"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class RuleKind:
    """One name of the catalogue.

    ``needs_property`` asks for a metadata key. ``needs_result`` is True for a rule
    that can only be told once the discount is calculated.
    """

    name: str
    family: Family
    operand: Operand
    operators: frozenset[str]
    needs_property: bool = False
    needs_result: bool = False


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


EQUALITY = frozenset(_words("$is $is_not $in $not_in"))
ORDERING = frozenset(
    _words("$more_than $more_than_or_equal $less_than $less_than_or_equal")
)
TEXTUAL = frozenset(_words("$starts_with $ends_with $contains"))
MOMENTS = frozenset(_words("$after $before"))
DAY_DISTANCES = frozenset(
    _words("""
        $more_than_ago $less_than_ago $is_days_ago
        $more_than_future $less_than_future $is_days_in_future
    """)
)
TIMEFRAMES = frozenset(_words("$timeframe $timeframe_absolute $timeframe_daily_hours"))
COUNTS = frozenset(_words("$count $count_more $count_less"))
SETS = frozenset(_words("$not_differ $not_intersect"))
NUMERIC = EQUALITY | ORDERING
ITEMS = EQUALITY | {"$from"}
METADATA = (
    NUMERIC | TEXTUAL | MOMENTS | DAY_DISTANCES | TIMEFRAMES | COUNTS | SETS | {"$dow"}
)

#: Every operator of the rule language.
OPERATORS = METADATA | ITEMS

#: Operators that take one value; on items several mean any of them.
ONE_VALUE = frozenset({"$is", "$is_not"}) | ORDERING | MOMENTS | DAY_DISTANCES | COUNTS

OPERATOR_ALIASES: Mapping[str, str] = {
    "$greater_than": "$more_than",
    "$greater_than_or_equal": "$more_than_or_equal",
    "$more_than_equal": "$more_than_or_equal",
    "$less_than_equal": "$less_than_or_equal",
}

NAME_ALIASES: Mapping[str, str] = {
    "customer_segment": "customer.segment",
    "customer_metadata": "customer.metadata",
    "order_metadata": "order.metadata",
    "order_items_metadata": "order.items.metadata",
    "product_metadata": "product.metadata",
    "redemption_metadata": "redemption.metadata",
    "custom_event_metadata": "custom_event.metadata",
}

#: Rules that look at order lines; their nested rules look at the lines matched.
ITEM_RULES = frozenset(
    _words("""
        order.items.any order.items.every order.items.none
        order.items.cheapest order.items.most_expensive product.id sku.id
    """)
)

_COUNTERS = _words("""
    campaign.redemptions.count campaign.redemptions.count.daily
    campaign.redemptions.count.weekly campaign.redemptions.count.monthly
    campaign.redemptions.customers_count campaign.redemptions.customers_count.daily
    campaign.redemptions.customers_count.weekly
    campaign.redemptions.customers_count.monthly
    redemption.count.daily redemption.count.weekly redemption.count.monthly
    redemption.count.per_customer redemption.count.per_customer.daily
    redemption.count.per_customer.weekly redemption.count.per_customer.monthly
    redemption.count.per_api_key redemption.count.per_user campaign.orders.amount
""")

_RESULTS = _words("""
    campaign.orders.amount_discounted redemption.gift.amount
    redemption.reward.pay_with_points.points_used
""")

_ORDER_NUMBERS = _words("""
    order.amount order.initial_amount order.items.count order.items.price_any
    order.items.price_each order.items.price order.items.quantity
    order.items.aggregated_amount order.items.aggregated_quantity
    product.price product.quantity sku.price sku.quantity
    product.metadata.aggregated_amount product.metadata.aggregated_quantity
""")

_ORDER_FLAGS = _words("""
    product.metadata.match_all product.discount_applicable sku.discount_applicable
    product.metadata.discount_applicable
""")

_METADATA_RULES: Mapping[str, Family] = {
    "customer.metadata": Family.CUSTOMER,
    "order.metadata": Family.ORDER,
    "order.items.metadata": Family.ORDER,
    "order.items.metadata_any": Family.ORDER,
    "order.items.metadata_each": Family.ORDER,
    "product.metadata": Family.ORDER,
    "redemption.metadata": Family.REDEMPTION,
    "custom_event.metadata": Family.EVENT,
}

_FLAG = frozenset({"$is", "$is_not"})


def _catalogue() -> dict[str, RuleKind]:
    customer, order, redemption = Family.CUSTOMER, Family.ORDER, Family.REDEMPTION
    number, text, flag = Operand.NUMBER, Operand.TEXT, Operand.BOOLEAN
    holder = "publication.redeemable_by_linked_customer"
    kinds = [
        RuleKind("customer.segment", customer, text, EQUALITY),
        RuleKind("customer.loyalty.tier", customer, text, EQUALITY),
        RuleKind(holder, customer, flag, _FLAG),
        RuleKind("redemption.api_key", redemption, text, EQUALITY),
        RuleKind("redemption.user.login", redemption, text, EQUALITY | TEXTUAL),
        RuleKind("order.total_amount", order, number, NUMERIC, needs_result=True),
    ]
    kinds += [RuleKind(name, order, number, NUMERIC) for name in _ORDER_NUMBERS]
    kinds += [RuleKind(name, order, flag, _FLAG) for name in _ORDER_FLAGS]
    kinds += [RuleKind(name, order, Operand.ITEM, ITEMS) for name in ITEM_RULES]
    kinds += [RuleKind(name, redemption, number, NUMERIC) for name in _COUNTERS]
    kinds += [
        RuleKind(name, redemption, number, NUMERIC, needs_result=True)
        for name in _RESULTS
    ]
    kinds += [
        RuleKind(name, family, Operand.ANY, METADATA, needs_property=True)
        for name, family in _METADATA_RULES.items()
    ]
    return {kind.name: kind for kind in kinds}


#: The kinds of rule by name.
CATALOGUE: Mapping[str, RuleKind] = _catalogue()
