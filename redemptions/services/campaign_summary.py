"""What became of a campaign: uses, orders, codes, credits and points, added up.

A constant number of statements, each over what an index has of the campaign.
Validations are not among it: answering one writes nothing, so nobody can count them.

Source: campaigns specification, "Summary and tracking".
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    UUIDField,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from campaigns.models import Campaign, CampaignType, PublicationResult
from redemptions.models import LedgerEntry, Redemption
from redemptions.models.order_return import ReturnedShare
from redemptions.models.redemption import STANDING, Kind, Result

Figures = dict[str, int]

#: Redemptions of one code or tier; what holds several together is not counted.
_SINGLE = Q(voucher__isnull=False) | Q(promotion_tier__isnull=False)
_DISCOUNTS = frozenset(
    {
        CampaignType.DISCOUNT_COUPONS,
        CampaignType.PROMOTION,
        CampaignType.REFERRAL_PROGRAM,
    }
)
#: Figures of cards by the types of their ledger entries, and the sign that they count.
_CREDITS = {
    "amount_added": ("CREDITS_ADDITION", 1),
    "amount_subtracted": ("CREDITS_REMOVAL", -1),
    "amount_redeemed": ("CREDITS_REDEMPTION", -1),
    "amount_rolledback": ("CREDITS_REFUND", 1),
}
_POINTS = {
    "points_added": ("POINTS_ADDITION", 1),
    "points_subtracted": ("POINTS_REMOVAL", -1),
    "points_rewarded": ("POINTS_ACCRUAL", 1),
    "points_redeemed": ("POINTS_REDEMPTION", -1),
    "points_rolledback": ("POINTS_REFUND", 1),
    "points_expired": ("POINTS_EXPIRATION", -1),
    "points_transferred_in": ("POINTS_TRANSFER_IN", 1),
    "points_transferred_out": ("POINTS_TRANSFER_OUT", -1),
    "pending_points_activated": ("PENDING_POINTS_ACTIVATION", 1),
}


@dataclass(frozen=True, slots=True)
class Days:
    """Days of the project's zone, both included; None is open."""

    first: date | None = None
    last: date | None = None


def campaign_figures(campaign: Campaign, days: Days) -> Figures:
    """Return the figures that a campaign of its type has, of these days.

    Amounts are minor units, of loyalty cards points. What was taken back is not taken
    off what was given, but a figure of its own, counted on the day it was taken back.
    """
    kind = CampaignType(campaign.campaign_type)
    within = _within(campaign, days)
    found = _uses(campaign, within("created_at")) | _orders(campaign, within)
    if campaign.has_codes:
        found |= _codes(campaign, within) | _publications(campaign, within)
    if kind in _DISCOUNTS:
        found |= _discounts(campaign, within)
    if kind == CampaignType.GIFT_VOUCHERS:
        found |= _cards(campaign, within, "amount", _CREDITS)
    if kind == CampaignType.LOYALTY_PROGRAM:
        found |= _cards(campaign, within, "points", _POINTS) | _points(campaign, within)
    if kind == CampaignType.REFERRAL_PROGRAM:
        found["referred_customers"] = _referred(campaign, within)
    return found


def _within(campaign: Campaign, days: Days) -> Any:
    """Return what makes the condition that a moment lies in the days."""
    zone = campaign.project.zone
    bounds: dict[str, datetime] = {}
    if days.first is not None:
        bounds["gte"] = datetime.combine(days.first, time.min, tzinfo=zone)
    if days.last is not None:
        bounds["lte"] = datetime.combine(days.last, time.max, tzinfo=zone)

    def condition(moment: str) -> Q:
        return Q(**{f"{moment}__{side}": at for side, at in bounds.items()})

    return condition


def _rows(campaign: Campaign, condition: Q) -> QuerySet[Redemption]:
    rows = campaign.project.redemptions.filter(_SINGLE, campaign=campaign)
    return rows.filter(condition).order_by()


def _uses(campaign: Campaign, condition: Q) -> Figures:
    counts: dict[str, Any] = {}
    kinds = {"redemptions": Kind.REDEMPTION, "rollbacks": Kind.ROLLBACK}
    for name, kind in kinds.items():
        of_kind = Q(object=kind)
        counts |= {
            name: Count("pk", filter=of_kind),
            f"{name}_succeeded": Count("pk", filter=of_kind & Q(result=Result.SUCCESS)),
            f"{name}_failed": Count("pk", filter=of_kind & Q(result=Result.FAILURE)),
        }
    return dict(_rows(campaign, condition).aggregate(**counts))


def _succeeded(campaign: Campaign, kind: Kind, within: Any) -> QuerySet[Redemption]:
    rows = _rows(campaign, within("created_at"))
    return rows.filter(object=kind, result=Result.SUCCESS)


def _orders(campaign: Campaign, within: Any) -> Figures:
    """Return the value of orders; one that several offers were used on counts once."""
    used = _succeeded(campaign, Kind.REDEMPTION, within).annotate(
        basket=_basket(""), value=_value("order_state")
    )
    undone = _succeeded(campaign, Kind.ROLLBACK, within).annotate(
        basket=_basket("original__"),
        value=_value("original__order_state") - _returned_before(),
    )
    returned = _shares(campaign, within).annotate(
        basket=F("order_return"), value=F("order_amount")
    )
    return {
        "orders_amount": _once_a_basket(used),
        "orders_rolledback_amount": _once_a_basket(undone) + _once_a_basket(returned),
    }


def _basket(where: str) -> Coalesce:
    """Return what tells one order from another: it, else the request."""
    names = (f"{where}{name}" for name in ("order_id", "parent_id", "id"))
    return Coalesce(*(Cast(name, UUIDField()) for name in names))


def _value(state: str) -> Coalesce:
    amount = Cast(KeyTextTransform("amount", state), BigIntegerField())
    return Coalesce(amount, 0)


def _returned_before() -> Coalesce:
    """Return what units that came back had taken off the order of a rollback."""
    shares = ReturnedShare.objects.filter(
        redemption=OuterRef("original"), rollback=None
    )
    sums = shares.order_by().values("redemption").annotate(sum=Sum("order_amount"))
    return Coalesce(Subquery(sums.values("sum"), BigIntegerField()), 0)


def _once_a_basket(rows: QuerySet[Any]) -> int:
    alone = rows.order_by().values("basket").annotate(once=Max("value"))
    total: int = alone.aggregate(sum=Sum("once", default=0))["sum"]
    return total


def _shares(campaign: Campaign, within: Any) -> QuerySet[ReturnedShare]:
    """Return what came back by the unit and left something of its redemption."""
    rows = ReturnedShare.objects.filter(redemption__campaign=campaign, rollback=None)
    return rows.filter(
        within("order_return__created_at"), redemption__project=campaign.project
    )


def _discounts(campaign: Campaign, within: Any) -> Figures:
    rows = _rows(campaign, within("created_at")).filter(result=Result.SUCCESS)
    sums = rows.aggregate(
        given=Sum("applied_amount", filter=Q(object=Kind.REDEMPTION), default=0),
        undone=Sum("applied_amount", filter=Q(object=Kind.ROLLBACK), default=0),
    )
    returned = _shares(campaign, within).aggregate(
        sum=Sum("discount_amount", default=0)
    )
    return {
        "discounted_amount": sums["given"],
        "rolledback_discounted_amount": returned["sum"] - sums["undone"],
    }


def _codes(campaign: Campaign, within: Any) -> Figures:
    created, deleted = within("created_at"), _deleted(within)
    return dict(
        campaign.vouchers.order_by().aggregate(
            vouchers_created=Count("pk", filter=created),
            vouchers_deleted=Count("pk", filter=deleted),
        )
    )


def _deleted(within: Any) -> Q:
    condition: Q = Q(deleted_at__isnull=False) & within("deleted_at")
    return condition


def _publications(campaign: Campaign, within: Any) -> Figures:
    rows = campaign.publications.filter(within("created_at")).order_by()
    succeeded = Q(result=PublicationResult.SUCCESS)
    return dict(
        rows.aggregate(
            publications=Count("pk"),
            publications_succeeded=Count("pk", filter=succeeded),
            publications_failed=Count("pk", filter=~succeeded),
        )
    )


def _cards(
    campaign: Campaign, within: Any, unit: str, types: dict[str, tuple[str, int]]
) -> Figures:
    """Return what moved on cards, and what they began and were deleted with."""
    cards = campaign.vouchers.order_by().aggregate(
        created=Sum("initial_balance", filter=within("created_at"), default=0),
        deleted=Sum("balance", filter=_deleted(within), default=0),
    )
    moved = _moved(_entries(campaign, within))
    found = {name: sign * moved.get(kind, 0) for name, (kind, sign) in types.items()}
    return {
        f"created_vouchers_{unit}": cards["created"],
        f"{unit}_deleted": cards["deleted"],
        **found,
    }


def _points(campaign: Campaign, within: Any) -> Figures:
    """Return points by their source: what rewards gave is added, not rewarded."""
    entries = _entries(campaign, within)
    given = _moved(entries.filter(details__has_key="reward")).get("POINTS_ACCRUAL", 0)
    moved = _moved(entries)
    never = ("pending_points_added", "pending_points_subtracted")
    return {
        "points_added": moved.get("POINTS_ADDITION", 0) + given,
        "points_rewarded": moved.get("POINTS_ACCRUAL", 0) - given,
        **dict.fromkeys((*never, "pending_points_canceled"), 0),
    }


def _entries(campaign: Campaign, within: Any) -> QuerySet[LedgerEntry]:
    rows = campaign.project.ledger_entries.filter(campaign=campaign)
    return rows.filter(within("created_at")).order_by()


def _moved(entries: QuerySet[LedgerEntry]) -> Figures:
    """Return the sums of entries by type."""
    return dict(entries.values_list("type").annotate(sum=Sum("amount")))


def _referred(campaign: Campaign, within: Any) -> int:
    """Return how many customers used a code of a referrer and did not take it back."""
    rows = _rows(campaign, within("created_at")).filter(STANDING)
    counted: int = rows.aggregate(count=Count("customer", distinct=True))["count"]
    return counted
