"""A campaign held against the project's recent orders; nothing of it is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from django.db import connection, transaction

from campaigns.models import Campaign, CampaignType, PoolType, PromotionTier
from campaigns.services.compiled_rules import assigned_rules
from customers.services.segment_lookup import segments_of_each
from promo.metadata_schemas.known import known_schemas
from promo.tenancy.models import Project
from redemptions.engine.backtest import Backtest, Past, backtest
from redemptions.engine.facts import Facts, Redeemable
from redemptions.engine.rules import segments_of
from redemptions.models import Order
from redemptions.models.order import OrderStatus
from redemptions.services.carts import cart_as_sent
from redemptions.services.catalogue import known_items
from redemptions.services.facts import stacking_of
from redemptions.services.order_facts import order_facts
from redemptions.services.order_lines import KnownItems, build_lines
from redemptions.services.people import stored_facts
from redemptions.services.redeemable_facts import (
    Found,
    campaign_facts,
    redeemable_facts,
)
from redemptions.services.rehearse_campaign import create_for_trial
from redemptions.services.requests import RedeemableRef
from redemptions.services.unit_facts import unit_facts, units_of

#: So many days back, so many paid orders, and so many of all kinds to find them among.
DAYS = 30
MOST_ORDERS = 500
_LOOKED_AT = 5_000
#: The orders are fewer where all of theirs would be more: lines, and decisions.
_MOST_LINES = 10_000
_MOST_DECISIONS = 2_000
_MOST_TIERS = 20
_PAID = (OrderStatus.PAID, OrderStatus.FULFILLED)
_CARDS = frozenset({CampaignType.GIFT_VOUCHERS, CampaignType.LOYALTY_PROGRAM})


def can_be_backtested(campaign_type: str) -> bool:
    """Say whether a kind of campaign takes something off orders by itself.

    Cards do not: what they pay was bought or earned before.
    """
    return campaign_type not in _CARDS


def backtest_draft(
    *,
    project: Project,
    campaign: Mapping[str, Any],
    rule: Mapping[str, Any] | None,
    now: datetime,
) -> Backtest:
    """Return what a campaign that does not exist yet would have done.

    It is made as on publishing, in a transaction that is rolled back before any order
    is looked at. The number of statements depends on neither orders nor lines.

    Raises:
        PromoError: as ``create_for_trial``.
    """
    with transaction.atomic():
        made = create_for_trial(project=project, campaign=campaign, rule=rule, now=now)
        offers = _offers(made)
        transaction.set_rollback(True)
    return _held_against_orders(project, offers, now)


def backtest_campaign(campaign: Campaign, *, now: datetime) -> Backtest:
    """Return what a campaign, as it is defined now, would have done.

    In a transaction that cannot write; the number of statements depends on neither
    orders nor lines. That it is disabled or not running does not matter, and neither
    does how often it has been used: it is tried as if it had begun with the oldest
    of the orders.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        return _held_against_orders(campaign.project, _offers(campaign), now)


def _offers(campaign: Campaign) -> list[Redeemable]:
    """Return the offers of a campaign, unused and without a beginning or an end."""
    tiers: list[PromotionTier] = []
    if not campaign.has_codes:
        rows = campaign.tiers.alive().filter(active=True)
        rows = rows.select_related("campaign__category", "category")
        tiers = list(rows.order_by("hierarchy", "pk")[:_MOST_TIERS])
    names = [campaign.pk, *(tier.pk for tier in tiers)]
    found = Found(
        tiers={tier.pk: tier for tier in tiers},
        rules=assigned_rules(campaign.project, names),
    )
    if campaign.has_codes:
        return [_unlimited(replace(campaign_facts(campaign, found), **_code(campaign)))]
    refs = (RedeemableRef("promotion_tier", tier.pk) for tier in tiers)
    return [_unlimited(redeemable_facts(ref, found)) for ref in refs]


def _code(campaign: Campaign) -> dict[str, Any]:
    """Return what is so of a code: one for all has its uses, others are one each."""
    quantity = ((campaign.voucher or {}).get("redemption") or {}).get("quantity")
    is_shared = campaign.type == PoolType.STANDALONE
    return {"is_referral_code": False, "quantity": quantity if is_shared else None}


def _unlimited(offer: Redeemable) -> Redeemable:
    validity, campaign = offer.validity, offer.campaign
    if validity is not None:
        validity = replace(validity, start=None, expiration=None, timeframe=None)
    if campaign is not None:
        campaign = replace(campaign, active=True)
    return replace(offer, validity=validity, campaign=campaign, redeemed_quantity=0)


def _held_against_orders(
    project: Project, offers: Sequence[Redeemable], now: datetime
) -> Backtest:
    orders = _recent_orders(project, now, most=_MOST_DECISIONS // max(1, len(offers)))
    carts = [_cart(one) for one in orders]
    rules = [rule for each in offers for rule in each.rules]
    unit_types = units_of(offers)
    items = list(chain.from_iterable(cart.get("items", ()) for cart in carts))
    known = known_items(project, items, rules, now=now, unit_types=unit_types)
    customers = {one.customer.pk: one.customer for one in orders if one.customer}
    segments = segments_of_each(
        project, list(customers.values()), named=segments_of(rules), now=now
    )
    people = {pk: stored_facts(one, segments[pk]) for pk, one in customers.items()}
    pasts = (
        Past(
            id=one.pk,
            name=str(one),
            at=one.created_at,
            order=order_facts(cart, None, build_lines(cart.get("items", ()), known)),
            customer=people.get(one.customer_id or ""),
        )
        for one, cart in zip(orders, carts, strict=True)
    )
    facts = _facts(project, known, now)
    facts = replace(facts, units=unit_facts(unit_types, known))
    return backtest(facts, offers, pasts)


def _cart(order: Order) -> dict[str, Any]:
    values = {
        "amount": order.amount,
        "initial_amount": order.initial_amount,
        "items": order.items,
        "metadata": order.metadata,
    }
    return cart_as_sent({k: v for k, v in values.items() if v is not None})


def _facts(project: Project, known: KnownItems, now: datetime) -> Facts:
    """Return what is the same for all orders."""
    return Facts(
        now=now,
        time_zone=project.zone,
        redeemables=(),
        order=None,
        customer=None,
        stacking=stacking_of(project),
        all_products_id=known.all_products_id,
        week_starts_on=project.week_starts_on,
        schemas=known_schemas(project).kinds,
    )


def _recent_orders(project: Project, now: datetime, *, most: int) -> list[Order]:
    """Return the latest paid orders, the oldest of them first."""
    since = now - timedelta(days=DAYS)
    rows = project.orders.alive().filter(created_at__gte=since, created_at__lte=now)
    latest = rows.order_by("-created_at", "-pk")[:_LOOKED_AT]
    paid = Order.objects.filter(pk__in=latest.values("pk"), status__in=_PAID)
    paid = paid.select_related("customer").order_by("-created_at", "-pk")
    found = list(_few_lines(paid[: min(most, MOST_ORDERS)]))
    return found[::-1]


def _few_lines(orders: Iterable[Order]) -> Iterable[Order]:
    lines = 0
    for one in orders:
        lines += len(one.items)
        if lines > _MOST_LINES:
            return
        yield one
