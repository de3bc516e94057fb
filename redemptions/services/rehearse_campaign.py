"""A campaign that does not exist yet, tried on a cart: made, validated, undone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import Campaign, CampaignType
from campaigns.services.campaign_draft import create_with_rule
from promo.ids import new_id
from promo.tenancy.models import Project
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from redemptions.services.validate import Validation, validate

#: What a trial leaves out: from when to when the campaign runs, and who may be told.
_LEFT_OUT = frozenset(
    {"start_date", "expiration_date", "access_settings", "referral_program"}
)
#: The days and hours at which it runs.
_RECURS = frozenset({"validity_day_of_week", "validity_hours"})


def rehearse_campaign(
    *,
    project: Project,
    campaign: Mapping[str, Any],
    rule: Mapping[str, Any] | None,
    order: Mapping[str, Any] | None,
    customer: Mapping[str, Any] | None,
    now: datetime,
) -> Validation:
    """Decide what a campaign would do to an order, as if it ran now.

    It is made by the same services as on publishing, with one code or its tier, in a
    transaction that is rolled back: no event leaves it, and no code remains. Dates are
    left out, so that one can try today what starts tomorrow.

    Raises:
        PromoError: as ``create_for_trial``, and as ``validate``.
    """
    lasting = {name: each for name, each in campaign.items() if name not in _RECURS}
    with transaction.atomic():
        made = create_for_trial(project=project, campaign=lasting, rule=rule, now=now)
        request = CheckoutRequest(
            redeemables=(_redeemable(made),), order=order, customer=customer
        )
        found = validate(project=project, request=request, now=now)
        # A refusal undoes the campaign by itself; what was decided does it here.
        transaction.set_rollback(True)
    return found


def create_for_trial(
    *,
    project: Project,
    campaign: Mapping[str, Any],
    rule: Mapping[str, Any] | None,
    now: datetime,
) -> Campaign:
    """Make a campaign to be tried, with one code, in a transaction to be rolled back.

    Raises:
        PromoError: as ``create_with_rule``.
    """
    return create_with_rule(
        project=project, campaign=_for_trial(campaign), rule=rule, now=now
    )


def _for_trial(campaign: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: each for name, each in campaign.items() if name not in _LEFT_OUT}
    kept["name"] = new_id("camp_")
    if kept.get("campaign_type") == CampaignType.REFERRAL_PROGRAM:
        kept["campaign_type"] = CampaignType.DISCOUNT_COUPONS
    if kept.get("voucher") is not None:
        kept["vouchers_count"] = 1
        voucher = {**kept["voucher"]}
        voucher.pop("code", None)
        kept["voucher"] = voucher
    return kept


def _redeemable(campaign: Campaign) -> RedeemableRef:
    if campaign.has_codes:
        return RedeemableRef("voucher", campaign.vouchers.get().code)
    return RedeemableRef("promotion_tier", campaign.tiers.get().pk)
