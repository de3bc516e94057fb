"""The flat answers of the deprecated endpoints, about one voucher or tier.

Source: engine specification, "Deprecated endpoints kept for old SDKs".
"""

from collections.abc import Mapping
from typing import Any

from campaigns.models import PromotionTier
from campaigns.wire.tier import simple_tier
from promo.errors import PromoError, Rejected
from redemptions.engine.decision import Entry, as_exception
from redemptions.engine.facts import Facts, Redeemable
from redemptions.engine.order import OrderState
from redemptions.engine.order_rendering import order_as_json
from redemptions.engine.wire import entry_as_json, error_as_json, result_as_json
from redemptions.services.qualify import Qualified
from redemptions.services.validate import Validation

Json = dict[str, Any]

#: Refusals of the request rather than of the offer.
PARAMETERS = frozenset(
    {
        "missing_reward",
        "missing_order_items_amount",
        "missing_customer",
        "metadata_validation_failed",
    }
)


def single_validation(found: Validation, *, request_id: str) -> Json:
    """Return what one voucher or tier would do, or why it would not.

    Raises:
        ResourceNotFound: there is no such thing.
        Rejected: the request lacks what the thing needs.
    """
    entry = found.decision.entries[0]
    wire: Json = _named(entry.redeemable)
    if found.tracking_id:
        wire["tracking_id"] = found.tracking_id
    if entry.refusal is not None:
        _raise_if_of_request(entry)
        return wire | _refused(entry, request_id)
    if entry.skip is not None:
        return wire | {"valid": False, "reason": entry.skip.message}
    facts = found.decision.facts
    given = _applied(entry, facts, found.decision.order, request_id)
    return wire | given


def tier_answer(wire: Json, tier: PromotionTier) -> Json:
    """Add what is stored of a promotion tier to what it would do."""
    shown = simple_tier(tier)
    return wire | {"hierarchy": tier.hierarchy, "campaign": shown["campaign"]}


def qualified_tiers(
    found: Qualified, tiers: Mapping[str, PromotionTier], *, request_id: str
) -> Json:
    """Return the promotions of a customer and order, each by itself.

    ``tiers`` are those that apply, by id.
    """
    tracking = {"tracking_id": found.tracking_id} if found.tracking_id else {}
    promotions = [
        tier_answer(
            {
                **_named(entry.redeemable),
                **tracking,
                **_applied(entry, found.facts, entry.order, request_id),
            },
            tiers[str(entry.redeemable.id)],
        )
        for entry in found.page.entries
    ]
    return {"valid": bool(promotions), "promotions": promotions, **tracking}


def _applied(
    entry: Entry, facts: Facts, order: OrderState | None, request_id: str
) -> Json:
    shown = entry_as_json(entry, facts.stacking, request_id=request_id)
    lists = {name: shown[name] for name in ("applicable_to", "inapplicable_to")}
    given = _given(entry, request_id)
    return {"valid": True, **lists, **given, "order": order_as_json(order)}


def _named(redeemable: Redeemable) -> Json:
    wire: Json = {"metadata": dict(redeemable.metadata)}
    if redeemable.object == "voucher":
        wire["code"] = redeemable.code or redeemable.ref
        if redeemable.campaign is not None:
            wire["campaign"] = redeemable.campaign.name
            wire["campaign_id"] = redeemable.campaign.id
        return wire
    wire |= {"id": redeemable.id, "name": redeemable.name, "object": "promotion_tier"}
    if redeemable.banner is not None:
        wire["banner"] = redeemable.banner
    if redeemable.campaign is not None:
        campaign = redeemable.campaign
        wire["campaign"] = {"id": campaign.id, "name": campaign.name}
    return wire


def _given(entry: Entry, request_id: str) -> Json:
    """Return the discount, the credits, or the points that are spent."""
    result = result_as_json(entry, request_id=request_id)
    card = result.pop("loyalty_card", None)
    if card is not None:
        result["loyalty"] = {"points_cost": card["points"]}
    if entry.redeemable.object == "promotion_tier" and entry.order is not None:
        result["discount_amount"] = entry.order.total_discount_amount
        result["applied_discount_amount"] = entry.taken.amount
    return result


def _refused(entry: Entry, request_id: str) -> Json:
    refusal = entry.refusal
    if refusal is None:
        return {}
    error = error_as_json(refusal, entry.redeemable, request_id=request_id)
    return {"valid": False, "reason": refusal.message, "error": error}


def _raise_if_of_request(entry: Entry) -> None:
    refused: PromoError = as_exception(entry)
    if not isinstance(refused, Rejected) or refused.key in PARAMETERS:
        raise refused
