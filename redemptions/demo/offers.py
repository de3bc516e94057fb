"""What the demo shop offers: twelve campaigns of every kind and in every state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from campaigns.models import Campaign
from campaigns.services.campaign import create_campaign
from campaigns.services.validation_rule import create_rule
from campaigns.services.voucher import create_voucher, disable_voucher
from promo.jobs.actions import run_all
from promo.tenancy.models import Project

Rules = Mapping[str, Any]
PERCENT, AMOUNT = "PERCENT", "AMOUNT"
_APOLOGIES = 20


@dataclass(frozen=True, slots=True)
class Offer:
    """One campaign: its codes, or one word that everybody may type, or tiers.

    ``from_days`` and ``to_days`` are days from now; None is no limit.
    """

    name: str
    discount: Mapping[str, Any] | None = None
    rules: Rules | None = None
    shelf: str | None = None
    codes: int = 0
    pattern: str = ""
    word: str = ""
    quantity: int | None = None
    from_days: int | None = None
    to_days: int | None = None
    limits: Mapping[str, Any] | None = None
    tiers: Sequence[tuple[str, int, Mapping[str, Any]]] = ()
    category: int | None = None
    is_off: bool = False


def percent(off: int, **more: Any) -> dict[str, Any]:
    """Return a discount of ``off`` per cent."""
    return {"type": PERCENT, "percent_off": off, **more}


def amount(off: int) -> dict[str, Any]:
    """Return a discount of ``off`` minor units."""
    return {"type": AMOUNT, "amount_off": off}


def at_least(minor_units: int) -> Rules:
    """Return the rule that an order is worth this much."""
    said = f"Spend at least {minor_units // 100}.00"
    condition = {"$more_than_or_equal": [minor_units]}
    rule = {"name": "order.amount", "conditions": condition, "error": {"message": said}}
    return {"1": rule, "logic": "1"}


_STUDENTS = {
    "1": {
        "name": "customer.metadata",
        "property": "student",
        "conditions": {"$is": [True]},
        "error": {"message": "For students only"},
    },
    "logic": "1",
}
_ONCE_EACH = {
    "1": {
        "name": "redemption.count.per_customer",
        "conditions": {"$less_than_or_equal": [1]},
        "error": {"message": "You have used this code already"},
    },
    "logic": "1",
}
_MORNINGS = {
    "validity_hours": {
        "daily": [
            {
                "start_time": "06:00",
                "expiration_time": "11:00",
                "days_of_week": [1, 2, 3, 4, 5],
            }
        ]
    }
}
_BY_ITEM = {"effect": "APPLY_TO_ITEMS"}

OFFERS = (
    Offer("Welcome 10 %", percent(10), codes=30_000, pattern="HELLO-#######",
          quantity=1, category=0),
    Offer("10 off from 50", amount(1_000), at_least(5_000), codes=20_000,
          pattern="TEN-########", quantity=1, category=0),
    Offer("Summer sale", percent(15), word="SUMMER", from_days=-95, to_days=-30,
          category=1),
    Offer("Black Friday preview", percent(30), codes=20_000, pattern="BF-########",
          quantity=1, from_days=20, to_days=27, category=1),
    Offer("Delivery on us from 30", amount(390), at_least(3_000), word="DELIVERY"),
    Offer("Coffee club 20 %", percent(20, **_BY_ITEM), shelf="coffee", codes=15_000,
          pattern="BEANS-#######", quantity=3),
    Offer("Students 12 %", percent(12), _STUDENTS, codes=10_000,
          pattern="STUDY-#######", quantity=5, is_off=True),
    Offer("ANNA15", percent(15), word="ANNA15", quantity=150, category=2),
    Offer("Newsletter 5 off", amount(500), _ONCE_EACH, word="NEWS5"),
    Offer("Morning brew", percent(8), codes=5_000, pattern="MORNING-######",
          quantity=10, limits=_MORNINGS),
    Offer("Buy more, save more", tiers=(
        ("5 % from 50", 5_000, percent(5)),
        ("10 % from 100", 10_000, percent(10)),
        ("15 % from 200", 20_000, percent(15)),
    )),
    Offer("Mugs for 9.99", shelf="mugs", from_days=-60, to_days=-10, tiers=(
        ("Every mug 9.99", 0, {"type": "FIXED", "fixed_amount": 999, **_BY_ITEM}),
    )),
)  # fmt: skip


def launch(
    project: Project,
    offer: Offer,
    *,
    shelves: Mapping[str, str],
    categories: Sequence[str],
    scale: float,
    opened: datetime,
    now: datetime,
) -> Campaign:
    """Build one campaign at ``opened``, its dates counted from ``now``."""
    body: dict[str, Any] = {
        "name": offer.name,
        "campaign_type": "PROMOTION" if offer.tiers else "DISCOUNT_COUPONS",
        "start_date": _date(now, offer.from_days),
        "expiration_date": _date(now, offer.to_days),
        **(offer.limits or {}),
    }
    if offer.category is not None:
        body["category_id"] = categories[offer.category]
    if offer.tiers:
        tiers = [
            _tier(project, offer, tier, shelves=shelves, now=opened)
            for tier in offer.tiers
        ]
        body["promotion"] = {"tiers": tiers}
    else:
        body |= _codes(offer, scale)
        body["validation_rules"] = _rule(
            project, offer.name, offer.rules, shelves.get(offer.shelf or ""), opened
        )
    campaign = create_campaign(project=project, now=opened, **body)
    run_all(project, now=opened)
    return campaign


def apologise(project: Project, *, now: datetime) -> list[str]:
    """Make the codes that the help desk hands out one by one; return them.

    They belong to no campaign, and the last is switched off.
    """
    made = [
        create_voucher(
            project=project,
            now=now,
            code=f"SORRY-{number:02}",
            type="DISCOUNT_VOUCHER",
            discount=amount(500),
            redemption={"quantity": 1},
        )
        for number in range(1, _APOLOGIES + 1)
    ]
    disable_voucher(made[-1], now=now)
    return [voucher.code for voucher in made]


def _codes(offer: Offer, scale: float) -> dict[str, Any]:
    template: dict[str, Any] = {
        "type": "DISCOUNT_VOUCHER",
        "discount": dict(offer.discount or {}),
        "redemption": {"quantity": offer.quantity},
    }
    if offer.word:
        return {"type": "STANDALONE", "voucher": {**template, "code": offer.word}}
    template["code_config"] = {"pattern": offer.pattern}
    return {"voucher": template, "vouchers_count": max(2, int(offer.codes * scale))}


def _tier(
    project: Project,
    offer: Offer,
    tier: tuple[str, int, Mapping[str, Any]],
    *,
    shelves: Mapping[str, str],
    now: datetime,
) -> dict[str, Any]:
    name, least, discount = tier
    rules = at_least(least) if least else None
    shelf = shelves.get(offer.shelf or "")
    return {
        "name": name,
        "banner": name,
        "action": {"discount": dict(discount)},
        "validation_rules": _rule(project, name, rules, shelf, now),
    }


def _rule(
    project: Project, name: str, rules: Rules | None, shelf: str | None, now: datetime
) -> list[str]:
    """Store the rule of an offer, where it has one; return its id in a list."""
    if rules is None and shelf is None:
        return []
    body: dict[str, Any] = {"name": name, "rules": dict(rules or {})}
    if shelf is not None:
        entry = {"object": "products_collection", "id": shelf}
        body["applicable_to"] = {"included": [entry]}
    return [create_rule(project=project, now=now, **body).pk]


def _date(now: datetime, days: int | None) -> datetime | None:
    return None if days is None else now + timedelta(days=days)
