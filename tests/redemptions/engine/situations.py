"""Any cart, any offers, any project: what the properties of the engine are tried on.

Everything is drawn as a few numbers that are then taken apart, which is many times
faster than drawing part by part, so that thousands of situations cost seconds.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from campaigns.engine.applicability import ApplicableTo, Entry
from campaigns.engine.bundles import Bundle, BundlePart
from campaigns.engine.discounts import Discount, DiscountType, Effect
from campaigns.engine.rule_parsing import parse_rules
from campaigns.engine.rules import RuleSet, Target
from redemptions.engine.counters import counters_read, usage_of
from redemptions.engine.facts import (
    AssignedRules,
    CampaignFacts,
    Coin,
    CustomerFacts,
    Facts,
    Line,
    LoyaltyCard,
    OrderFacts,
    Redeemable,
    Reward,
    StackingRules,
)
from redemptions.engine.resolution import CALCULABLE, VALUE_FIELD
from tests.redemptions.engine.carts import (
    category,
    facts,
    gift_card,
    line,
    order,
    product,
    tier,
    unit_off,
    units_known,
    units_off,
    voucher,
)

#: CI asks for two thousand situations a property.
thorough = settings(
    max_examples=int(os.environ.get("PROMO_EXAMPLES", "100")), deadline=None
)

NAMES = ("tea", "cup", "kettle")
EVERYTHING = "pc_all"
KNOWN = units_known(
    product("tea", 1200), product("gift"), product("lamp", 333), EVERYTHING
)

_AMOUNTS = (None, 0, 1, 7, 99, 333, 700, 1200, 4999, 20_000)
_CAPS = (None, None, None, 0, 1, 250, 5000)
_COUNTS = (None, None, None, 0, 1, 2, 5)
_PERCENTS = tuple(Decimal(text) for text in ("-5", "0", "0.01", "12.5", "33.33", "100"))
_SELECTIONS = (
    *("APPLY_TO_EVERY", "APPLY_TO_CHEAPEST", "APPLY_FROM_CHEAPEST"),
    *("APPLY_TO_MOST_EXPENSIVE", "APPLY_FROM_MOST_EXPENSIVE"),
)
_FORMULAS = (
    *("ORDER_AMOUNT * 0.12", "ORDER_ITEM_PRICE / 3", "0 - 5", "1 / 0"),
    *("ORDER_UNITS_QUANTITY * 1.5", 'CUSTOMER_METADATA("level")'),
)
_ADDED = (Effect.ADD_MISSING_ITEMS, Effect.ADD_NEW_ITEMS)
_THINGS = ("prod_tea", "prod_gift", "prod_lamp")


class Numbers:
    """Takes a number apart into choices; it never ends."""

    def __init__(self, number: int) -> None:
        self._left = number

    def pick(self, options: Sequence[Any]) -> Any:
        """Return one of ``options``."""
        self._left, index = divmod(self._left, len(options))
        return options[index]


def drawn(build: Any, bits: int = 64) -> st.SearchStrategy[Any]:
    """Return what ``build`` makes of a number."""
    return st.binary(min_size=bits // 8, max_size=bits // 8).map(
        lambda raw: build(Numbers(int.from_bytes(raw, "little")))
    )


def _line(numbers: Numbers) -> Line:
    pick = numbers.pick
    return line(
        pick(NAMES),
        pick(_AMOUNTS),
        pick((1, 2, 3, 6)),
        amount=pick((None, None, *_AMOUNTS)),
    )


def _order(numbers: Numbers) -> OrderFacts:
    lines = [_line(numbers) for _ in range(numbers.pick((1, 0, 2, 3, 4)))]
    return order(
        *lines,
        amount=numbers.pick((None, None, None, *_AMOUNTS)),
        metadata=numbers.pick(({}, {"channel": "web"}, {"channel": "till"})),
    )


def _entry(numbers: Numbers) -> Entry:
    pick = numbers.pick
    return Entry(
        "product",
        f"prod_{pick(NAMES)}",
        None,
        effect=pick(_SELECTIONS),
        skip_initially=pick((0, 1, 2)),
        repeat=pick((1, 2, 3)),
        target=pick(("ITEM", "UNIT")),
        price=pick(_AMOUNTS),
        quantity_limit=pick(_COUNTS),
        aggregated_quantity_limit=pick(_COUNTS),
        amount_limit=pick(_CAPS),
        aggregated_amount_limit=pick(_CAPS),
    )


def _lists(numbers: Numbers) -> ApplicableTo | None:
    if numbers.pick((True, False)):
        return None
    return ApplicableTo(
        included=tuple(_entry(numbers) for _ in range(numbers.pick((0, 1, 2)))),
        excluded=tuple(_entry(numbers) for _ in range(numbers.pick((0, 0, 1)))),
        included_all=numbers.pick((False, True)),
    )


def _discount(numbers: Numbers) -> Discount:
    kind = numbers.pick(
        (
            DiscountType.AMOUNT,
            DiscountType.PERCENT,
            DiscountType.FIXED,
            DiscountType.UNIT,
        )
    )
    if kind is DiscountType.UNIT:
        return _units(numbers)
    return Discount(
        kind,
        numbers.pick((None, *sorted(CALCULABLE[kind]))),
        amount_off=numbers.pick(_AMOUNTS),
        percent_off=numbers.pick((None, *_PERCENTS)),
        fixed_amount=numbers.pick(_AMOUNTS),
        amount_limit=numbers.pick(_CAPS),
        aggregated_amount_limit=numbers.pick(_CAPS),
        formulas=_formulas(numbers, kind),
    )


def _formulas(numbers: Numbers, kind: DiscountType) -> dict[str, str]:
    """Return nothing, or a formula for the value of the discount."""
    text = numbers.pick((None, None, None, *_FORMULAS))
    return {} if text is None else {VALUE_FIELD[kind]: text}


def _units(numbers: Numbers) -> Discount:
    pick = numbers.pick
    shape = pick(("one", "same", "many"))
    if shape == "same":
        return unit_off(pick((0, 1, 3)), EVERYTHING, Effect.ADD_SAME_ITEMS)
    if shape == "one":
        effect = pick((*_ADDED, Effect.REPLACE_ITEMS))
        return unit_off(pick((0, 1, 2, 7)), pick(_THINGS), effect)
    return units_off(
        *(
            (pick((0, 1, 4)), pick(_THINGS), pick(_ADDED))
            for _ in range(pick((1, 2, 3)))
        )
    )


def _condition(numbers: Numbers) -> dict[str, Any]:
    """Return a rule with one condition, of each kind that the facts here decide."""
    pick = numbers.pick
    ordering = (
        "$more_than_or_equal",
        "$less_than_or_equal",
        "$more_than",
        "$less_than",
    )
    name = pick(
        (
            *("order.amount", "order.initial_amount", "order.total_amount"),
            *("order.items.count", "customer.metadata", "order.metadata"),
            *("redemption.count.per_customer", "campaign.redemptions.customers_count"),
            *("redemption.count.daily", "campaign.redemptions.count"),
            *("campaign.orders.amount", "campaign.orders.amount_discounted"),
            "redemption.gift.amount",
            *("order.items.any", "order.items.every", "order.items.none"),
        )
    )
    if name.endswith("metadata"):
        key, values = pick((("level", "gold"), ("channel", "web")))
        operator = pick(("$is", "$is_not"))
        return {"name": name, "property": key, "conditions": {operator: [values]}}
    if name in {"order.items.any", "order.items.every", "order.items.none"}:
        target = {"object": "product", "id": f"prod_{pick(NAMES)}"}
        inner = {"name": "order.items.quantity", "conditions": {pick(ordering): [2]}}
        nested = pick((None, {"1": inner, "logic": "1"}))
        found = {"name": name, "conditions": {pick(("$is", "$is_not")): [target]}}
        return found if nested is None else {**found, "rules": nested}
    if "amount" in name:
        return {"name": name, "conditions": {pick(ordering): [pick((1, 700, 5000))]}}
    return {"name": name, "conditions": {pick(ordering): [pick((1, 2, 4))]}}


_LOGICS = ("1", "1 and 2", "1 or 2", "1 or (2 and 3)", "(1 or 2) and 3", "1 and 2 or 3")


def _rules(numbers: Numbers) -> RuleSet:
    logic = numbers.pick(_LOGICS)
    definition = {str(key): _condition(numbers) for key in (1, 2, 3)}
    return parse_rules({**definition, "logic": logic})


def _bundle(numbers: Numbers) -> Bundle | None:
    return None if numbers.pick((True, True, True, False)) else _some_bundle(numbers)


def _some_bundle(numbers: Numbers) -> Bundle:
    pick = numbers.pick
    names = pick((("tea",), ("tea", "cup"), ("kettle", "tea")))
    parts = tuple(
        BundlePart(Target("product", f"prod_{n}"), pick((1, 2))) for n in names
    )
    return Bundle(parts, limit=pick((1, 2, 5)), multiplies=pick((True, False)))


orders = drawn(_order, 256)
discounts = drawn(_discount, 128)
bundles = drawn(_some_bundle)


_CATEGORIES = (
    *(None, None, category("common", 2), category("joint", 1)),
    category("exclusive", 3),
)
_CAMPAIGNS = (
    *(None, CampaignFacts("camp_1", "Spring", active=True)),
    CampaignFacts("camp_2", "Summer", active=True),
)


_REWARDS = (
    Reward("rew_1", "rewa_1", "Coin", Coin(Decimal(5), 50)),
    Reward("rew_1", "rewa_1", "Third of a cent", Coin(Decimal("0.01"), 3)),
    Reward("rew_1", "rewa_1", "Mug", points=300, stock=2),
)


def _guards(numbers: Numbers, *, free: bool) -> tuple[AssignedRules, ...]:
    """Return what stands on an offer; ``free`` ones are never refused by it."""
    guarded = not free and numbers.pick((True, False))
    return (
        AssignedRules(
            "val_1",
            "Rules",
            numbers.pick(("own", "campaign")),
            _rules(numbers) if guarded else RuleSet(),
            _lists(numbers),
            bundle=None if free else _bundle(numbers),
        ),
    )


def _redeemable(numbers: Numbers, name: str, *, free: bool) -> Redeemable:
    pick = numbers.pick
    kind = pick(("voucher", "voucher", "tier", "gift", "loyalty"))
    shared: dict[str, Any] = {
        "rules": _guards(numbers, free=free),
        "category": pick(_CATEGORIES),
    }
    if kind == "gift":
        effect = pick((Effect.APPLY_TO_ORDER, Effect.APPLY_TO_ITEMS))
        wanted = pick((None, None, 0, 150, 20_000))
        if free:
            effect, wanted = Effect.APPLY_TO_ORDER, pick((0, 150))
        balance = pick((700, 20_000) if free else (0, 150, 700, 20_000))
        return gift_card(name, balance, wanted, effect, **shared)
    if kind == "loyalty" and not free:
        reward = pick((*_REWARDS, None))
        points = pick((0, 40, 700, 5000))
        wanted = pick((None, None, 0, 120, 9000))
        card = LoyaltyCard(points, pick((0, 0, 40)), "rew_1", reward, wanted)
        offer = voucher(name, type="LOYALTY_CARD", holder_id="cust_1", **shared)
        return replace(offer, discount=None, loyalty=card)
    if kind == "tier":
        campaign = pick(_CAMPAIGNS[1:])
        return tier(name, _discount(numbers), campaign=campaign, **shared)
    if not free:
        shared["active"] = pick((True, True, True, False))
        shared["quantity"], shared["redeemed_quantity"] = pick(
            ((None, 0), (1, 0), (3, 2), (1, 1))
        )
    return voucher(name, _discount(numbers), campaign=pick(_CAMPAIGNS), **shared)


def _stacking(numbers: Numbers) -> StackingRules:
    pick = numbers.pick
    return StackingRules(
        applicable_redeemables_limit=pick((5, 5, 1, 2)),
        applicable_redeemables_per_category_limit=pick((None, None, 1)),
        applicable_exclusive_redeemables_limit=pick((1, 2)),
        exclusive_categories=pick(((), ("cat_exclusive",))),
        joint_categories=pick(((), ("cat_joint",))),
        redeemables_application_mode=pick(("ALL", "PARTIAL")),
        redeemables_sorting_rule=pick(("REQUESTED_ORDER", "CATEGORY_HIERARCHY")),
        redeemables_products_application_mode=pick(("STACK", "ONCE")),
        redeemables_no_effect_rule=pick(("REDEEM_ANYWAY", "SKIP")),
        discount_calculation_mode=pick(("DISCOUNTED_AMOUNT", "INITIAL_AMOUNT")),
    )


_CUSTOMERS = (
    *(None, CustomerFacts("cust_1", "ada", metadata={"level": "gold"})),
    CustomerFacts(None, "eve"),
)


@st.composite
def situations(draw: st.DrawFn, **fixed: Any) -> Facts:
    """Any request; ``fixed`` replaces stacking settings."""
    return _situation(draw, fixed, free=False)


@st.composite
def accepted(draw: st.DrawFn) -> Facts:
    """Requests of which every offer applies."""
    fixed = {
        "applicable_redeemables_limit": 30,
        "applicable_redeemables_per_category_limit": None,
        "exclusive_categories": (),
        "redeemables_no_effect_rule": "REDEEM_ANYWAY",
    }
    return _situation(draw, fixed, free=True)


@st.composite
def guarded(draw: st.DrawFn) -> Facts:
    """Requests of one discount that nothing but its rules keeps from applying."""
    numbers = draw(_requests)
    rules = AssignedRules("val_1", "Rules", "own", _rules(numbers), None)
    offer = voucher("V0", _discount(numbers), rules=(rules,))
    request = facts(
        offer,
        order=_order(numbers),
        customer=numbers.pick(_CUSTOMERS),
        units=KNOWN,
        all_products_id=EVERYTHING,
    )
    return _counted(numbers, request)


_requests = drawn(lambda numbers: numbers, 512)
_offers = drawn(lambda numbers: numbers, 640)


def _situation(draw: st.DrawFn, fixed: Mapping[str, Any], *, free: bool) -> Facts:
    numbers = draw(_requests)
    cart, settings_of = _order(numbers), _stacking(numbers)
    count = numbers.pick((1, 2, 3, 4))
    offers = [_redeemable(draw(_offers), f"V{n}", free=free) for n in range(count)]
    request = facts(
        *offers,
        order=cart,
        customer=numbers.pick(_CUSTOMERS),
        stacking=replace(settings_of, **fixed),
        units=KNOWN,
        all_products_id=EVERYTHING,
    )
    return _counted(numbers, request)


def _counted(numbers: Numbers, request: Facts) -> Facts:
    """Return the request with something in the counters that its rules read."""
    read = counters_read(request.redeemables, usage_of(request))
    used = {key: numbers.pick((0, 1, 3, 4000)) for key in sorted(read)}
    return replace(request, used=used)
