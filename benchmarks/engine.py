"""The engine by itself: decisions a second, and one of the largest carts.

Processor time of one thread, so that what else runs on the machine counts little.
As in a server that runs, the collector of garbage leaves alone what was imported.
"""

import time
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from campaigns.engine.applicability import ApplicableTo, Entry
from campaigns.engine.discounts import Discount, DiscountType, Effect
from campaigns.engine.rule_parsing import parse_rules
from promo.heap import settle
from redemptions.engine.decide import decide
from redemptions.engine.facts import (
    AssignedRules,
    CampaignFacts,
    CustomerFacts,
    Facts,
    ItemFacts,
    Line,
    OrderFacts,
    Redeemable,
    StackingRules,
)

NOW = datetime(2027, 3, 15, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Warsaw")
REDEEMABLES = 30
LINES = 500
_RULES = {
    "1": {"name": "order.amount", "conditions": {"$more_than_or_equal": [2_000]}},
    "2": {"name": "order.items.count", "conditions": {"$less_than_or_equal": [9_000]}},
    "3": {
        "name": "redemption.count.per_customer",
        "conditions": {"$less_than_or_equal": [1_000_000]},
    },
    "logic": "1 and 2 and 3",
}


def simple_decisions(seconds: float) -> float:
    """Return decisions a second on one code of 10 % for a cart of three lines."""
    facts = _facts(redeemables=1, lines=3)
    return 1 / _seconds_each(facts, seconds)


def largest(seconds: float) -> float:
    """Return the milliseconds of 30 redeemables, half of them on 500 lines."""
    facts = _facts(redeemables=REDEEMABLES, lines=LINES, rules=True)
    return _seconds_each(facts, seconds) * 1_000


def _seconds_each(facts: Facts, seconds: float) -> float:
    """Return the processor seconds of one decision, the best of three rounds."""
    settle()
    return min(_round(facts, seconds / 3) for _ in range(3))


def _round(facts: Facts, seconds: float) -> float:
    made, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds:
        if not decide(facts).valid:
            msg = "what is measured must apply"
            raise ValueError(msg)
        made += 1
    return spent / made


def _facts(*, redeemables: int, lines: int, rules: bool = False) -> Facts:
    return Facts(
        now=NOW,
        time_zone=ZONE,
        redeemables=tuple(_redeemable(n, rules=rules) for n in range(redeemables)),
        order=OrderFacts(tuple(_line(n) for n in range(lines)), None),
        customer=CustomerFacts("cust_ada", "ada"),
        stacking=StackingRules(applicable_redeemables_limit=REDEEMABLES),
    )


def _redeemable(number: int, *, rules: bool) -> Redeemable:
    """Return every second one as a discount on the items of a collection."""
    on_items = number % 2 == 1
    effect = Effect.APPLY_TO_ITEMS if on_items else Effect.APPLY_TO_ORDER
    return Redeemable(
        object="voucher",
        ref=f"CODE-{number}",
        found=True,
        id=f"v_{number}",
        code=f"CODE-{number}",
        type="DISCOUNT_VOUCHER",
        campaign=CampaignFacts(f"camp_{number}", f"Campaign {number}", active=True),
        discount=Discount(DiscountType.PERCENT, effect, percent_off=Decimal(1)),
        rules=(_assigned(number, on_items=on_items),) if rules or on_items else (),
    )


def _assigned(number: int, *, on_items: bool) -> AssignedRules:
    collection = Entry("products_collection", "pc_all", None)
    return AssignedRules(
        rule_id=f"val_{number}",
        name="Three rules",
        level="campaign",
        rules=parse_rules(_RULES),
        applicable_to=ApplicableTo((collection,), ()) if on_items else None,
    )


def _line(number: int) -> Line:
    price = 1_000 + number
    return Line(
        number,
        2,
        price,
        None,
        product=ItemFacts(
            "product",
            f"prod_{number}",
            f"p-{number}",
            name=f"Product {number}",
            price=price,
            collections=frozenset({"pc_all"}),
        ),
    )
