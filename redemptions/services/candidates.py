"""What a customer could use: what is worth deciding about, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    Func,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from campaigns.models import (
    Campaign,
    Holder,
    HolderRole,
    PoolType,
    PromotionStack,
    PromotionTier,
    Voucher,
    VoucherType,
)
from customers.models import Customer
from promo.ids import PrefixedIdField
from promo.tenancy.models import Project
from redemptions.services.pages import Age
from redemptions.services.redeemables import FoundStack, find_stacks
from redemptions.services.scenarios import Scenario

M = TypeVar("M", bound=Model)
#: Names that the conditions of a narrowing may use beside the columns.
CATEGORY, ROLE = "effective_category", "holder_role"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The request's own filters, as conditions of each kind of candidate."""

    vouchers: Q = field(default_factory=Q)
    tiers: Q = field(default_factory=Q)
    campaigns: Q = field(default_factory=Q)
    stacks: Q = field(default_factory=Q)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for, and how far.

    ``before`` leaves out what was created at that moment or later, ``newest`` how
    many of each kind are read at most; None for all.
    """

    project: Project
    scenario: Scenario
    customer: Customer | None
    narrowing: Narrowing
    now: datetime
    before: datetime | None = None
    newest: int | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """Things to decide about, newest first within each kind.

    What is newer than ``horizon``, a moment of creation and an id, is here for
    certain; older things may be missing. None when nothing is.
    """

    vouchers: Sequence[Voucher] = ()
    tiers: Sequence[PromotionTier] = ()
    campaigns: Sequence[Campaign] = ()
    stacks: Mapping[str, FoundStack] = field(default_factory=dict)
    horizon: Age | None = None


def find_candidates(search: Search) -> Candidates:
    """Return the candidates of a scenario: one statement a kind, two for stacks.

    Disabled, expired, exhausted and not yet started ones are left out here, so that
    the engine decides only about what has a chance.

    Source: engine specification, "Qualification, Candidates".
    """
    wanted = search.scenario.objects
    vouchers = _read(_vouchers(search), search) if "voucher" in wanted else []
    tiers = _read(_tiers(search), search) if "promotion_tier" in wanted else []
    campaigns = _read(_campaigns(search), search) if "campaign" in wanted else []
    stacks = _read(_stacks(search), search) if "promotion_stack" in wanted else []
    oldest: list[Age] = [
        (rows[-1].created_at, rows[-1].pk)
        for rows in (vouchers, tiers, campaigns, stacks)
        if search.newest is not None and len(rows) == search.newest
    ]
    return Candidates(
        vouchers=vouchers,
        tiers=tiers,
        campaigns=campaigns,
        stacks=find_stacks(search.project, [stack.pk for stack in stacks]),
        horizon=max(oldest, default=None),
    )


def _read(rows: QuerySet[M], search: Search) -> list[Any]:
    if search.before is not None:
        rows = rows.filter(created_at__lt=search.before)
    return list(rows.order_by("-created_at", "-pk")[: search.newest])


def _running(now: datetime) -> Q:
    """A date that an offer leaves open is the campaign's; both ends are included."""
    started = Q(starts=None) | Q(starts__lte=now)
    return started & (Q(expires=None) | Q(expires__gte=now))


def _of_campaign() -> dict[str, Any]:
    """Return the dates and the category that count for an offer of a campaign."""
    prefixed = PrefixedIdField("cat_")
    return {
        "starts": Coalesce("start_date", "campaign__start_date"),
        "expires": Coalesce("expiration_date", "campaign__expiration_date"),
        CATEGORY: Coalesce(
            "category_id", "campaign__category_id", output_field=prefixed
        ),
    }


def _campaign_is_on() -> Q:
    return Q(campaign__active=True, campaign__deleted_at=None)


def _vouchers(search: Search) -> QuerySet[Voucher]:
    left = Q(redemption_quantity=None) | Q(
        redeemed_quantity__lt=F("redemption_quantity")
    )
    worth = Q(type=VoucherType.DISCOUNT_VOUCHER) | Q(balance__gt=0)
    rows = search.project.vouchers.alive().alias(
        **_of_campaign(), **{ROLE: _role(search.customer)}
    )
    return rows.filter(
        _open_to(search),
        left,
        worth,
        _running(search.now),
        Q(campaign=None) | _campaign_is_on(),
        search.narrowing.vouchers,
        active=True,
    ).select_related("campaign__category", "category")


def _open_to(search: Search) -> Q:
    """What the customer holds, and codes for everybody, given out or not.

    A code that is worth credits or points is shown to nobody but its holder.
    """
    customer = search.customer
    held = _held(customer) if customer else Q(pk__in=[])
    if search.scenario.only_held:
        return held
    generic = Q(campaign=None) | Q(campaign__type=PoolType.STANDALONE)
    shared = Q(holder=None) | Q(type=VoucherType.DISCOUNT_VOUCHER)
    return held | generic & shared


def _held(customer: Customer) -> Q:
    """Codes of which the customer is the holder, or that refer the customer.

    Both are looked up in an index: the few codes of referees are read once, in front.
    """
    referring = Holder.objects.filter(customer=customer, role=HolderRole.REFEREE)
    codes = ArraySubquery(referring.order_by().values("voucher"))
    return Q(holder=customer) | Q(_IsAny(F("pk"), codes))


class _IsAny(Func):
    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def _role(customer: Customer | None) -> Any:
    """What the customer is to a voucher: owner, who refers or is referred with it."""
    nobody = Value(None, output_field=CharField())
    if customer is None:
        return nobody
    return Case(
        When(holder=customer, is_referral_code=True, then=Value("REFERRER")),
        When(holder=customer, then=Value("OWNER")),
        When(
            Exists(Holder.objects.filter(voucher=OuterRef("pk"), customer=customer)),
            then=Value("REFEREE"),
        ),
        default=nobody,
        output_field=CharField(),
    )


def _tiers(search: Search) -> QuerySet[PromotionTier]:
    rows = search.project.promotion_tiers.alive().alias(**_of_campaign())
    return rows.filter(
        _campaign_is_on(),
        _running(search.now),
        search.narrowing.tiers,
        active=True,
    ).select_related("campaign__category", "category")


def _stacks(search: Search) -> QuerySet[PromotionStack]:
    """Stacks whose campaign is on; their tiers are for the engine to judge."""
    prefixed = PrefixedIdField("cat_")
    category = Coalesce("category_id", "campaign__category_id", output_field=prefixed)
    rows = search.project.promotion_stacks.alias(
        starts=F("campaign__start_date"), **{CATEGORY: category}
    )
    return rows.filter(_campaign_is_on(), search.narrowing.stacks)


def _campaigns(search: Search) -> QuerySet[Campaign]:
    """Campaigns of many codes that the customer could still get one from."""
    free = Voucher.objects.filter(
        campaign=OuterRef("pk"), holder=None, active=True, deleted_at=None
    )
    rows = search.project.campaigns.alive().alias(
        starts=F("start_date"), expires=F("expiration_date")
    )
    rows = rows.filter(
        _running(search.now),
        Q(type=PoolType.AUTO_UPDATE) | Exists(free),
        search.narrowing.campaigns,
        active=True,
        campaign_type__in=search.scenario.campaign_types,
    ).exclude(type=PoolType.STANDALONE)
    if search.customer is not None:
        held = Voucher.objects.filter(
            campaign=OuterRef("pk"), holder=search.customer, deleted_at=None
        )
        rows = rows.exclude(Exists(held), join_once=True)
    return rows.select_related("category")
