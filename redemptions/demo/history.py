"""Ninety days of checkouts, redeemed by the service that redeems at a real one."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from django.db import connection

from campaigns.models import Campaign, Voucher
from campaigns.services.campaign import disable_campaign
from customers.models import Customer
from promo.errors import PromoError
from promo.outbox.models import DomainEvent
from redemptions.demo.shop import Shop
from redemptions.models import Counter, Order, Redemption
from redemptions.services.recording import Recorded
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from redemptions.services.roll_back import roll_back_redemption
from redemptions.services.rollback_checks import RollbackRequest

DAYS = 90
_REASONS = ("Returned", "Paid twice", "Out of stock", "Customer changed their mind")
_MORNING = 8
_RETURNED, _RETURNED_TWICE, _COMBINED = 0.03, 0.15, 0.06
#: Days before the last when offers are switched off.
_CLOSING_DAYS = 14
#: Checkouts after which the tables have grown enough to be looked at anew.
_STATISTICS_AT = frozenset({100, 1_000})
_APOLOGY, _UNKNOWN, _TIERS = "an apology", "an unknown code", "Buy more, save more"
#: How often each offer is tried.
_WEIGHTS: Mapping[str, int] = {
    "Welcome 10 %": 52,
    "10 off from 50": 28,
    "Summer sale": 24,
    "Delivery on us from 30": 28,
    "Coffee club 20 %": 16,
    "Students 12 %": 4,
    "ANNA15": 10,
    "Newsletter 5 off": 12,
    "Morning brew": 8,
    _TIERS: 12,
    "Mugs for 9.99": 4,
    "Black Friday preview": 1,
    _APOLOGY: 2,
    _UNKNOWN: 2,
}


def live_through(
    shop: Shop, *, count: int, closing: Sequence[Campaign], now: datetime
) -> None:
    """Let ``count`` checkouts happen over the days before ``now``, oldest first.

    The campaigns of ``closing`` are switched off two weeks before the end.
    """
    names, weights = list(_WEIGHTS), list(_WEIGHTS.values())
    moments = sorted(_moment(shop.random, now) for _ in range(count))
    closed_at = now - timedelta(days=_CLOSING_DAYS)
    first_after = bisect(moments, closed_at)
    for number, moment in enumerate(moments):
        if number in _STATISTICS_AT:
            _take_statistics()
        if number == first_after:
            for campaign in closing:
                disable_campaign(campaign, now=closed_at)
        (name,) = shop.random.choices(names, weights)
        breakfast = min(moment.replace(hour=_MORNING), now)
        at = breakfast if name == "Morning brew" else moment
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
    shop: Shop, name: str, number: int, *, at: datetime, now: datetime
) -> None:
    request = CheckoutRequest(
        redeemables=_redeemables(shop, name),
        customer={"source_id": shop.random.choice(shop.shoppers)},
        order=shop.order(number),
    )
    try:
        done = redeem(project=shop.project, request=request, now=at)
    except PromoError:
        return  # refused, and on record as such
    if shop.random.random() < _RETURNED:
        later = min(at + timedelta(days=shop.random.randrange(1, 9)), now)
        _take_back(shop, done, now=later)


def _redeemables(shop: Shop, name: str) -> tuple[RedeemableRef, ...]:
    """Return what is tried: something of the offer, now and then beside a tier."""
    if name == _UNKNOWN:
        return (shop.unknown_code(),)
    if name == _APOLOGY:
        return (shop.apology(),)
    tried = shop.offered(name)
    if tried.object == "voucher" and shop.random.random() < _COMBINED:
        return (shop.offered(_TIERS), tried)
    return (tried,)


def _take_back(shop: Shop, done: Recorded, *, now: datetime) -> None:
    """Roll a checkout back; some clerks try it twice, which is refused."""
    times = 2 if shop.random.random() < _RETURNED_TWICE else 1
    reason = shop.random.choice(_REASONS)
    try:
        for _ in range(times):
            roll_back_redemption(
                project=shop.project,
                reference=(done.parent or done.rows[0]).shown_id,
                request=RollbackRequest(reason=reason),
                stacked=done.parent is not None,
                now=now,
            )
    except PromoError:
        return  # refused, and on record as such
