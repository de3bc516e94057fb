"""Vouchers as the API and events show them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from campaigns.models import Category, Voucher, VoucherType
from campaigns.wire.assets import assets_as_json
from campaigns.wire.campaign import category_as_json
from campaigns.wire.limits import as_list, moment, time_limits
from promo.clock import isoformat

Json = dict[str, Any]
FORMULA = "_formula"


def voucher_as_json(voucher: Voucher, *, assignments: Sequence[Json] = ()) -> Json:
    """Return the whole voucher; what is unset is null.

    ``assignments`` are the rendered rule assignments, the campaign's first.

    Source: campaigns specification, "Voucher object".
    """
    own = voucher.category
    inherited = _campaign_category(voucher)
    shown_category = own or inherited
    return {
        "id": voucher.pk,
        "code": voucher.code,
        "campaign": voucher.campaign.name if voucher.campaign else None,
        "campaign_id": voucher.campaign_id,
        "category": own.name if own else None,
        "category_id": voucher.category_id,
        "categories": [category_as_json(shown_category)] if shown_category else [],
        "type": voucher.type,
        "discount": discount_as_json(voucher.discount),
        "gift": gift_as_json(voucher),
        "loyalty_card": loyalty_card_as_json(voucher),
        **time_limits(voucher),
        "active": voucher.active,
        "additional_info": voucher.additional_info,
        "metadata": voucher.metadata,
        "assets": assets_as_json(voucher.pk),
        "is_referral_code": voucher.is_referral_code,
        "holder_id": voucher.holder_id,
        "created_at": isoformat(voucher.created_at),
        "updated_at": moment(voucher.updated_at),
        "validation_rules_assignments": as_list(assignments),
        "redemption": _redemption(voucher),
        "publish": {
            "object": "list",
            "count": voucher.publications_count,
            "url": _url(voucher, "publications"),
        },
        "object": "voucher",
    }


def simple_voucher(voucher: Voucher) -> Json:
    """Return what redemptions and events embed.

    Source: engine specification, "Redemption object".
    """
    return {
        "id": voucher.pk,
        "code": voucher.code,
        "gift": gift_as_json(voucher),
        "discount": discount_as_json(voucher.discount),
        "loyalty_card": loyalty_card_as_json(voucher),
        "type": voucher.type,
        "campaign": voucher.campaign.name if voucher.campaign else None,
        "campaign_id": voucher.campaign_id,
        "is_referral_code": voucher.is_referral_code,
        "holder_id": voucher.holder_id,
        "category_id": voucher.category_id,
        "categories": (
            [category_as_json(voucher.category)] if voucher.category else []
        ),
        "active": voucher.active,
        "created_at": isoformat(voucher.created_at),
        "updated_at": moment(voucher.updated_at),
        "redemption": _redemption(voucher),
        "start_date": moment(voucher.start_date),
        "expiration_date": moment(voucher.expiration_date),
        "metadata": voucher.metadata,
        "object": "voucher",
    }


def gift_as_json(voucher: Voucher) -> Json | None:
    """Return the credits of a gift card; ``amount`` is all it ever got."""
    if voucher.type != VoucherType.GIFT_VOUCHER:
        return None
    return {
        "amount": voucher.credited_amount,
        "subtracted_amount": voucher.subtracted_amount,
        "balance": voucher.balance,
        "effect": voucher.gift_effect or None,
    }


def loyalty_card_as_json(voucher: Voucher) -> Json | None:
    """Return the points of a loyalty card; ``points`` is all it ever got.

    Points neither expire nor wait: no program says so yet.
    """
    if voucher.type != VoucherType.LOYALTY_CARD:
        return None
    return {
        "points": voucher.credited_amount,
        "balance": voucher.balance,
        "next_expiration_date": None,
        "next_expiration_points": None,
        "pending_points": 0,
        "expired_points": voucher.expired_amount,
        "subtracted_points": voucher.subtracted_amount,
    }


def discount_as_json(discount: Json | None) -> Json | None:
    """Return a stored discount; one with a formula says that it is dynamic."""
    if discount is None or not any(name.endswith(FORMULA) for name in discount):
        return discount
    return discount | {"is_dynamic": True}


def _campaign_category(voucher: Voucher) -> Category | None:
    return voucher.campaign.category if voucher.campaign else None


def _redemption(voucher: Voucher) -> Json:
    return {
        "quantity": voucher.redemption_quantity,
        "redeemed_quantity": voucher.redeemed_quantity,
        **_redeemed(voucher),
        "object": "list",
        "url": _url(voucher, "redemptions"),
    }


def _redeemed(voucher: Voucher) -> Json:
    if voucher.type == VoucherType.GIFT_VOUCHER:
        return {"redeemed_amount": voucher.redeemed_amount}
    if voucher.type == VoucherType.LOYALTY_CARD:
        return {"redeemed_points": voucher.redeemed_amount}
    return {}


def _url(voucher: Voucher, what: str) -> str:
    return f"/v1/vouchers/{quote(voucher.code, safe='')}/{what}?page=1&limit=10"
