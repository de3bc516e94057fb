"""Carts, redeemables and facts that the engine's tests decide on."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.engine.applicability import ApplicableTo, Entry
from campaigns.engine.discounts import (
    Discount,
    DiscountType,
    Effect,
    UnitDiscount,
)
from campaigns.engine.rules import RuleSet
from redemptions.engine.claims import Claim, CounterClaim
from redemptions.engine.decision import Decision
from redemptions.engine.facts import (
    AssignedRules,
    CampaignFacts,
    CategoryFacts,
    Coin,
    CustomerFacts,
    Facts,
    GiftCard,
    ItemFacts,
    Line,
    LoyaltyCard,
    OrderFacts,
    Redeemable,
    Reward,
    StackingRules,
    UnitFacts,
)

NOW = datetime(2027, 3, 15, 12, tzinfo=UTC)
WARSAW = ZoneInfo("Europe/Warsaw")
ADA = CustomerFacts("cust_ada", "ada")
CAMPAIGN = CampaignFacts("camp_1", "Spring", active=True)


def product(name: str, price: int | None = None, *collections: str) -> ItemFacts:
    return ItemFacts(
        "product",
        f"prod_{name}",
        name,
        name=name.title(),
        price=price,
        collections=frozenset(collections),
    )


def sku(name: str, price: int | None = None, *collections: str) -> ItemFacts:
    return ItemFacts(
        "sku", f"sku_{name}", name, price=price, collections=frozenset(collections)
    )


def line(name: str, price: int | None, quantity: int = 1, **rest: Any) -> Line:
    rest.setdefault("product", product(name, price))
    return Line(0, quantity, price, rest.pop("amount", None), **rest)


def order(*lines: Line, amount: int | None = None, **rest: Any) -> OrderFacts:
    numbered = tuple(replace(each, index=index) for index, each in enumerate(lines))
    return OrderFacts(numbered, amount, **rest)


CART_K = order(
    line("tea", 1200, 2),
    line("cup", 1850),
    line("kettle", 4999),
    line("honey", 699, 3),
)


def amount_off(
    value: int | None, effect: Effect | None = None, **rest: Any
) -> Discount:
    return Discount(DiscountType.AMOUNT, effect, amount_off=value, **rest)


def percent_off(
    value: int | str | None, effect: Effect | None = None, **rest: Any
) -> Discount:
    percent = None if value is None else Decimal(value)
    return Discount(DiscountType.PERCENT, effect, percent_off=percent, **rest)


def fixed(value: int | None, effect: Effect | None = None, **rest: Any) -> Discount:
    return Discount(DiscountType.FIXED, effect, fixed_amount=value, **rest)


def unit_off(
    count: int | None, unit_type: str, effect: Effect | None = None, **rest: Any
) -> Discount:
    """A UNIT discount of one thing."""
    return Discount(
        DiscountType.UNIT, effect, unit_off=count, unit_type=unit_type, **rest
    )


def units_off(*members: tuple[int, str, Effect]) -> Discount:
    """A UNIT discount of many things, each as count, unit type and effect."""
    units = tuple(UnitDiscount(count, kind, effect) for count, kind, effect in members)
    return Discount(DiscountType.UNIT, Effect.ADD_MANY_ITEMS, units=units)


def units_known(*items: ItemFacts | str) -> dict[str, UnitFacts]:
    """The catalogue's products, SKUs of the product "parent", and collections."""
    known: dict[str, UnitFacts] = {}
    for item in items:
        if isinstance(item, str):
            known[item] = UnitFacts(collection_id=item)
        elif item.kind == "sku":
            known[item.id or ""] = UnitFacts(product("parent"), item)
        else:
            known[item.id or ""] = UnitFacts(item)
    return known


def entry(name: str, kind: str = "product", **rest: Any) -> Entry:
    prefix = {"product": "prod", "sku": "sku", "products_collection": "pc"}[kind]
    return Entry(kind, f"{prefix}_{name}", None, **rest)


def including(*names: str, **caps: Any) -> ApplicableTo:
    return ApplicableTo(included=tuple(entry(name, **caps) for name in names))


def assigned(
    applicable_to: ApplicableTo | None = None,
    rules: RuleSet | None = None,
    rule_id: str = "val_1",
    **rest: Any,
) -> AssignedRules:
    return AssignedRules(
        rule_id,
        "Rules",
        rest.pop("level", "own"),
        rules or RuleSet(),
        applicable_to,
        **rest,
    )


def category(name: str, hierarchy: int = 0) -> CategoryFacts:
    return CategoryFacts(f"cat_{name}", name, hierarchy, NOW)


def voucher(
    code: str = "SPRING", discount: Discount | None = None, **rest: Any
) -> Redeemable:
    rest.setdefault("discount", discount or amount_off(1000))
    return Redeemable(
        "voucher",
        code,
        found=rest.pop("found", True),
        id=f"v_{code}",
        code=code,
        type=rest.pop("type", "DISCOUNT_VOUCHER"),
        **rest,
    )


def gift_card(
    code: str = "GIFT",
    balance: int = 5000,
    wanted: Any = None,
    effect: Effect = Effect.APPLY_TO_ORDER,
    **rest: Any,
) -> Redeemable:
    gift = GiftCard(balance, effect, rest.pop("locked", 0), wanted)
    return replace(voucher(code, type="GIFT_VOUCHER", **rest), discount=None, gift=gift)


COIN = Coin(Decimal(5), 50)


def reward(coin: Coin | None = COIN, **values: Any) -> Reward:
    return Reward("rew_1", "rewa_1", "Pay with points", coin, **values)


def loyalty_card(
    code: str = "CARD",
    balance: int = 1000,
    wanted: Any = None,
    offered: Reward | None = None,
    **rest: Any,
) -> Redeemable:
    """A card of Ada's, on which she pays with a coin of 5.00 for 50 points."""
    rest.setdefault("holder_id", ADA.id)
    asked = rest.pop("reward_id", "rew_1")
    card = LoyaltyCard(balance, rest.pop("locked", 0), asked, offered, wanted)
    return replace(
        voucher(code, type="LOYALTY_CARD", **rest), discount=None, loyalty=card
    )


def tier(
    name: str = "one", discount: Discount | None = None, **rest: Any
) -> Redeemable:
    return Redeemable(
        "promotion_tier",
        f"promo_{name}",
        found=True,
        id=f"promo_{name}",
        name=name,
        discount=discount or amount_off(1000),
        campaign=rest.pop("campaign", CAMPAIGN),
        **rest,
    )


def limited_to(discount: Discount, *names: str, **caps: Any) -> Redeemable:
    """A voucher whose rule names the products, with caps on each."""
    lists = including(*names, **caps)
    return voucher(discount=discount, rules=(assigned(lists),))


def taken(decision: Decision) -> tuple[Claim, ...]:
    """What the decision takes besides counters."""
    return tuple(one for one in decision.claims if not isinstance(one, CounterClaim))


def limited(decision: Decision) -> dict[tuple[str, str], tuple[int, int]]:
    """How much of which counter is taken, where a rule limits it, and up to what."""
    return {
        (one.subject_id, one.bucket): (one.amount, one.limit)
        for one in decision.claims
        if isinstance(one, CounterClaim) and one.limit is not None
    }


def facts(*redeemables: Redeemable, **rest: Any) -> Facts:
    rest.setdefault("order", CART_K)
    rest.setdefault("customer", None)
    rest.setdefault("stacking", StackingRules())
    return Facts(NOW, WARSAW, redeemables, **rest)
