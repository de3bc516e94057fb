"""What a customer could use: vouchers, tiers and campaigns worth deciding about."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.db.models import F, Model, Q, QuerySet

from campaigns.models import (
    Campaign,
    CampaignType,
    PromotionTier,
    Voucher,
    VoucherType,
)
from customers.models import Customer
from promo.tenancy.models import Project
from redemptions.services.scenarios import Scenario

M = TypeVar("M", bound=Model)
# The newest of each kind; older ones are beyond what a shop page can show.
MOST = 500


@dataclass(frozen=True, slots=True)
class Candidates:
    """Things to decide about, newest first within each kind."""

    vouchers: Sequence[Voucher] = field(default_factory=tuple)
    tiers: Sequence[PromotionTier] = field(default_factory=tuple)
    campaigns: Sequence[Campaign] = field(default_factory=tuple)


def find_candidates(
    project: Project,
    scenario: Scenario,
    customer: Customer | None,
    narrowed: "Narrowing",
    now: datetime,
) -> Candidates:
    """Return the candidates of a scenario, one statement for each kind.

    Disabled, expired, exhausted and not yet started ones are left out here, so that
    the engine decides only about what has a chance.
    """
    wanted = scenario.objects & narrowed.objects
    return Candidates(
        vouchers=(
            list(_vouchers(project, scenario, customer, narrowed, now)[:MOST])
            if "voucher" in wanted
            else ()
        ),
        tiers=(
            list(_tiers(project, narrowed, now)[:MOST])
            if "promotion_tier" in wanted
            else ()
        ),
        campaigns=(
            list(_campaigns(project, narrowed, now)[:MOST])
            if "campaign" in wanted
            else ()
        ),
    )


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The request's own filters, as conditions of each kind of candidate."""

    objects: frozenset[str] = frozenset(
        {"voucher", "promotion_tier", "campaign", "promotion_stack"}
    )
    vouchers: Q = field(default_factory=Q)
    tiers: Q = field(default_factory=Q)
    campaigns: Q = field(default_factory=Q)


def _running(now: datetime, prefix: str = "") -> Q:
    start, end = f"{prefix}start_date", f"{prefix}expiration_date"
    started = Q(**{start: None}) | Q(**{f"{start}__lte": now})
    return started & (Q(**{end: None}) | Q(**{f"{end}__gt": now}))


def _campaign_is_on() -> Q:
    return Q(campaign__active=True, campaign__deleted_at=None)


def _vouchers(
    project: Project,
    scenario: Scenario,
    customer: Customer | None,
    narrowed: Narrowing,
    now: datetime,
) -> QuerySet[Voucher]:
    held = Q(holder=customer) if customer else Q(pk__in=[])
    generic = Q(campaign=None) | Q(campaign__vouchers_count=1)
    mine = held if scenario.only_held else held | Q(holder=None) & generic
    left = Q(redemption_quantity=None) | Q(
        redeemed_quantity__lt=F("redemption_quantity")
    )
    worth = Q(type=VoucherType.DISCOUNT_VOUCHER) | Q(balance__gt=0)
    rows = project.vouchers.alive().filter(
        mine,
        left,
        worth,
        _running(now),
        Q(campaign=None) | _campaign_is_on(),
        narrowed.vouchers,
        active=True,
    )
    return _with_related(rows)


def _tiers(
    project: Project, narrowed: Narrowing, now: datetime
) -> QuerySet[PromotionTier]:
    rows = project.promotion_tiers.alive().filter(
        _campaign_is_on(), _running(now), narrowed.tiers, active=True
    )
    return _with_related(rows)


def _campaigns(
    project: Project, narrowed: Narrowing, now: datetime
) -> QuerySet[Campaign]:
    """Return campaigns whose codes are given out, one to a customer."""
    rows = project.campaigns.alive().filter(
        _running(now),
        narrowed.campaigns,
        active=True,
        campaign_type__in=(CampaignType.DISCOUNT_COUPONS, CampaignType.GIFT_VOUCHERS),
    )
    bulk = rows.exclude(vouchers_count=1)
    return bulk.select_related("category").order_by("-created_at", "-pk")


def _with_related(rows: QuerySet[M]) -> QuerySet[M]:
    related = rows.select_related("campaign__category", "category")
    return related.order_by("-created_at", "-pk")
