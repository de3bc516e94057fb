"""Ninety days of checkouts, redeemed by the service that redeems at a real one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from random import Random
from typing import Any

from django.db import connection

from campaigns.models import Campaign, Product, Voucher
from customers.models import Customer
from promo.errors import PromoError
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from redemptions.models import Counter, Order, Redemption
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from redemptions.services.roll_back import roll_back_redemption
from redemptions.services.rollback_checks import RollbackRequest

DAYS = 90
_REASONS = ("Returned", "Paid twice", "Out of stock", "Customer changed their mind")
_MORNING = 8
#: Checkouts after which the tables have grown enough to be looked at anew.
_STATISTICS_AT = frozenset({100, 1_000})
#: How often each offer is tried, and ``None`` a code that nobody has issued.
_WEIGHTS: Mapping[str | None, int] = {
    "Welcome 10 %": 26,
    "10 off from 50": 14,
    "Summer sale": 12,
    "Delivery on us from 30": 14,
    "Coffee club 20 %": 8,
    "Students 12 %": 2,
    "ANNA15": 5,
    "Newsletter 5 off": 6,
    "Morning brew": 4,
    "Buy more, save more": 6,
    "Mugs for 9.99": 2,
    None: 1,
}


@dataclass
class Shop:
    """What checkouts draw from."""

    project: Project
    campaigns: Mapping[str, Campaign]
    products: Sequence[Product]
    shoppers: Sequence[str]
    random: Random

    def __post_init__(self) -> None:
        self._codes: dict[str, Iterator[str]] = {}

    def redeemable(self, name: str | None) -> RedeemableRef:
        """Return something of an offer to try: a fresh code, its word, or a tier."""
        if name is None:
            return RedeemableRef("voucher", f"FREE{self.random.randrange(1000)}")
        campaign = self.campaigns[name]
        if not campaign.has_codes:
            tiers = campaign.tiers.order_by("hierarchy")
            return RedeemableRef("promotion_tier", self.random.choice(list(tiers)).pk)
        return RedeemableRef("voucher", self._code(campaign))

    def _code(self, campaign: Campaign) -> str:
        """Return the next code; the first again after the last."""
        if campaign.pk not in self._codes:
            rows = campaign.vouchers.order_by("pk").values_list("code", flat=True)
            self._codes[campaign.pk] = cycle(rows[:3_000])
        return next(self._codes[campaign.pk])

    def order(self, number: int) -> dict[str, Any]:
        """Return an order of one to four lines."""
        chosen = self.random.sample(self.products, self.random.randrange(1, 5))
        items = [
            {
                "product_id": product.pk,
                "quantity": self.random.choice((1, 1, 1, 2, 3)),
                "price": product.price,
            }
            for product in chosen
        ]
        source_id = f"demo-order-{number:06}"
        return {"source_id": source_id, "status": "PAID", "items": items}


def live_through(shop: Shop, *, count: int, now: datetime) -> None:
    """Let ``count`` checkouts happen over the days before ``now``, oldest first."""
    names = list(_WEIGHTS)
    weights = list(_WEIGHTS.values())
    moments = sorted(_moment(shop.random, now) for _ in range(count))
    for number, moment in enumerate(moments):
        if number in _STATISTICS_AT:
            _take_statistics()
        (name,) = shop.random.choices(names, weights)
        at = (
            min(moment.replace(hour=_MORNING), moment)
            if name == "Morning brew"
            else moment
        )
        _check_out(shop, name, number, at=at, now=now)


def _take_statistics() -> None:
    """Let PostgreSQL know how much there is: nobody else sees these rows yet.

    Believing the tables empty, it would read through all orders to find one.
    """
    models = (Voucher, Customer, Order, Redemption, Counter, DomainEvent)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE " + ", ".join(each._meta.db_table for each in models))


def _moment(random: Random, now: datetime) -> datetime:
    """Return a moment of the past days; more of them lately, none at night."""
    days = DAYS * (1 - random.random() ** 0.8)
    moment = now - timedelta(days=days)
    awake = moment.replace(hour=random.randrange(6, 23))
    return awake if awake <= now else moment


def _check_out(
    shop: Shop, name: str | None, number: int, *, at: datetime, now: datetime
) -> None:
    request = CheckoutRequest(
        redeemables=(shop.redeemable(name),),
        customer={"source_id": shop.random.choice(shop.shoppers)},
        order=shop.order(number),
    )
    try:
        done = redeem(project=shop.project, request=request, now=at)
    except PromoError:
        return  # refused, and on record as such
    if shop.random.random() < 0.03:  # noqa: PLR2004 - three in a hundred come back
        later = min(at + timedelta(days=shop.random.randrange(1, 9)), now)
        roll_back_redemption(
            project=shop.project,
            reference=done.rows[0].shown_id,
            request=RollbackRequest(reason=shop.random.choice(_REASONS)),
            stacked=False,
            now=later,
        )
