"""Holders as the API and events show them, and the wallet of a customer."""

from datetime import datetime
from typing import Any

from campaigns.models import Holder, HolderRole, Voucher, VoucherType
from campaigns.wire.voucher import voucher_as_json
from promo.clock import isoformat

Json = dict[str, Any]


def holder_as_json(holder: Holder) -> Json:
    """Return who has a code.

    Source: campaigns specification, "Holders API".
    """
    return {**_head(holder), "metadata": holder.metadata, "object": "redeemable_holder"}


def told_holder(holder: Holder) -> Json:
    """Return what events embed of a holder."""
    return {
        **_head(holder),
        "publication_id": holder.publication_id,
        "object": "redeemable_holder",
    }


def redeemable_as_json(holder: Holder, *, now: datetime) -> Json:
    """Return one thing of a wallet, with its code as it is ``now``.

    Categories of it are never shown here.

    Source: data specification, "Redeemables (wallet)".
    """
    voucher = holder.voucher
    shown = voucher_as_json(voucher)
    del shown["validation_rules_assignments"]
    shown |= {"category": None, "category_id": None, "categories": []}
    if voucher.is_referral_code:
        shown["referrer_id"] = voucher.holder_id
    return {
        **_head(holder),
        "redeemable": {
            "type": "voucher",
            "voucher": shown,
            "status": redeemable_status(voucher, now=now),
        },
    }


def redeemable_status(voucher: Voucher, *, now: datetime) -> str:
    """Return where a code stands, the first of these that holds.

    A date that the code leaves open is its campaign's; both ends are included.

    Source: data specification, "Redeemables (wallet)".
    """
    campaign = voucher.campaign
    start, end = voucher.start_date, voucher.expiration_date
    if campaign is not None:
        start, end = start or campaign.start_date, end or campaign.expiration_date
    limit = voucher.redemption_quantity
    is_card = voucher.type != VoucherType.DISCOUNT_VOUCHER
    states = (
        ("DISABLED", not voucher.active or bool(campaign and not campaign.active)),
        ("EXPIRED", end is not None and end < now),
        ("NOT_ACTIVE_YET", start is not None and start > now),
        ("USED", limit is not None and voucher.redeemed_quantity >= limit),
        ("NO_BALANCE", is_card and voucher.balance == 0),
    )
    return next((name for name, holds in states if holds), "ACTIVE")


def role_by_publication(voucher: Voucher) -> HolderRole:
    """Return what a publication makes a customer to the code."""
    return HolderRole.REFERRER if voucher.is_referral_code else HolderRole.OWNER


def _head(holder: Holder) -> Json:
    voucher = holder.voucher
    campaign = voucher.campaign
    return {
        "id": holder.pk,
        "created_at": isoformat(holder.created_at),
        "redeemable_id": voucher.pk,
        "redeemable_object": "voucher",
        "customer_id": holder.customer_id,
        "holder_role": holder.role,
        "campaign_id": voucher.campaign_id,
        "campaign_type": campaign.campaign_type if campaign else None,
        "voucher_type": voucher.type,
    }
