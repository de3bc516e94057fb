"""What the tests of rules are about: cart R, a customer, a voucher."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.engine.rule_parsing import parse_rules
from redemptions.engine.counters import CounterKey, usage_of
from redemptions.engine.facts import (
    AssignedRules,
    CustomerFacts,
    Facts,
    ItemFacts,
    Line,
    OrderFacts,
    Redeemable,
    StackingRules,
)
from redemptions.engine.order import opening_state
from redemptions.engine.rule_context import RuleContext
from redemptions.engine.rules import RulesOutcome, evaluate

NOW = datetime(2027, 3, 17, 12, tzinfo=UTC)
LIGHTING = "pc_lighting"
ALL_PRODUCTS = "pc_a11pr0dUc75"


def line(
    index: int,
    name: str,
    quantity: int,
    price: int | None,
    *collections: str,
    **fields: Any,
) -> Line:
    product = ItemFacts(
        "product",
        f"prod_{name}",
        name,
        price=price,
        collections=frozenset(collections),
        metadata=fields.pop("product_metadata", {}),
    )
    return Line(index, quantity, price, None, product=product, **fields)


LAMP = line(
    0, "lamp", 2, 1950, LIGHTING, product_metadata={"room": "study", "watt": 40}
)
BULB = line(
    1,
    "bulb",
    6,
    240,
    LIGHTING,
    metadata={"gift": True, "room": "hall"},
    product_metadata={"room": "any", "watt": 9},
)
DESK = line(2, "desk", 1, 8700)
CART_R = OrderFacts(lines=(LAMP, BULB, DESK), amount=14040, metadata={"city": "Nice"})

CUSTOMER = CustomerFacts(
    "cust_1",
    "ann",
    metadata={"tier": "gold"},
    segments=frozenset({"seg_1"}),
)
VOUCHER = Redeemable(
    "voucher", "SUMMER", found=True, id="v_1", code="SUMMER", holder_id="cust_1"
)


def context(
    order: OrderFacts | None = CART_R,
    customer: CustomerFacts | None = CUSTOMER,
    redeemable: Redeemable = VOUCHER,
    used: Mapping[CounterKey, int] | None = None,
    **rest: Any,
) -> RuleContext:
    before = opening_state(order or OrderFacts(lines=(), amount=None))
    base = Facts(
        now=NOW,
        time_zone=ZoneInfo("Europe/Warsaw"),
        redeemables=(redeemable,),
        order=order,
        customer=customer,
        stacking=StackingRules(),
        all_products_id=ALL_PRODUCTS,
    )
    facts = replace(base, used=used or {}, **rest)
    value = before.initial_amount or 0
    usage = replace(usage_of(facts), adds={"count": 1, "orders": value})
    return RuleContext(facts, redeemable, usage, before)


def rule_set(definition: Mapping[str, Any], **fields: Any) -> AssignedRules:
    return AssignedRules(
        **{
            "rule_id": "val_1",
            "name": "Rules",
            "level": "own",
            "rules": parse_rules(definition),
            "applicable_to": None,
            **fields,
        }
    )


def rule(name: str, operator: str = "", *values: Any, **fields: Any) -> dict[str, Any]:
    conditions = {operator: list(values)} if operator else {}
    return {"name": name, "conditions": conditions, **fields}


def outcome(
    definition: Mapping[str, Any], where: RuleContext | None = None
) -> RulesOutcome:
    return evaluate([rule_set(definition)], where or context())


def passes(single: Mapping[str, Any], where: RuleContext | None = None) -> bool:
    return outcome({"1": single}, where).passed
