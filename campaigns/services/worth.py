"""What a code is worth: a discount, gift credits or points, one block for each.

Source: campaigns specification, "Types", "Voucher object".
"""

from collections.abc import Mapping
from typing import Any

from campaigns.engine.cards import (
    Gift,
    gift_json,
    parse_gift,
    parse_gift_effect,
    parse_points,
)
from campaigns.engine.discount_parsing import discount_json, parse_discount
from campaigns.engine.formulas.checking import check_discount
from campaigns.models import CampaignType, Voucher, VoucherType
from promo.errors import BadRequest, InvalidPayload

Json = dict[str, Any]

#: The block of a body that says what a voucher of each type is worth.
BLOCKS: Mapping[VoucherType, str] = {
    VoucherType.DISCOUNT_VOUCHER: "discount",
    VoucherType.GIFT_VOUCHER: "gift",
    VoucherType.LOYALTY_CARD: "loyalty_card",
}
#: The type of the codes that a campaign of each kind has.
OF_CAMPAIGN: Mapping[CampaignType, VoucherType] = {
    CampaignType.DISCOUNT_COUPONS: VoucherType.DISCOUNT_VOUCHER,
    CampaignType.GIFT_VOUCHERS: VoucherType.GIFT_VOUCHER,
    CampaignType.LOYALTY_PROGRAM: VoucherType.LOYALTY_CARD,
    CampaignType.REFERRAL_PROGRAM: VoucherType.DISCOUNT_VOUCHER,
}
#: Fields of a voucher that keep its worth and follow an edit of its campaign.
FOLLOWED: Mapping[VoucherType, str | None] = {
    VoucherType.DISCOUNT_VOUCHER: "discount",
    VoucherType.GIFT_VOUCHER: "gift_effect",
    VoucherType.LOYALTY_CARD: None,
}


def invalid_campaign(details: str) -> BadRequest:
    """Build the refusal of a campaign."""
    return BadRequest("invalid_campaign", "Invalid Campaign", details)


def invalid_voucher(details: str) -> BadRequest:
    """Build the refusal of a voucher."""
    return BadRequest("invalid_voucher", "Invalid Voucher", details)


def type_of(sent: Mapping[str, Any]) -> str | None:
    """Return the voucher type that is named, else the one whose block is sent."""
    if sent.get("type") is not None:
        return str(sent["type"])
    sent_blocks = (
        kind for kind, block in BLOCKS.items() if sent.get(block) is not None
    )
    return next(sent_blocks, None)


def read_worth(
    kind: VoucherType, block: Any, path: str, *, of_campaign: bool = True
) -> Json:
    """Return a block in its stored form.

    Raises:
        BadRequest: ``invalid_campaign`` or ``invalid_voucher``; it has no value.
        InvalidPayload: a field of another shape.
    """
    refused = invalid_campaign if of_campaign else invalid_voucher
    words = {"key": refused("").key, "message": refused("").message}
    if kind is VoucherType.GIFT_VOUCHER:
        return gift_json(parse_gift(block, path, **words))
    if kind is VoucherType.LOYALTY_CARD:
        return {"points": parse_points(block, path, **words)}
    discount = parse_discount(block, path, **words)
    check_discount(discount, path)
    return discount_json(discount)


def changed_worth(
    kind: VoucherType, stored: Json, sent: Any, path: str, *, of_campaign: bool = True
) -> Json:
    """Return ``stored`` with what may change: a discount's values, a gift's effect.

    Amounts of credits and points move by the balance alone and are passed over.

    Raises:
        BadRequest: ``invalid_campaign`` or ``invalid_voucher``; the discount has no
            value or another type.
        InvalidPayload: a field of another shape.
    """
    if not isinstance(sent, Mapping):
        raise InvalidPayload(f"Property {path} must be object")
    if kind is VoucherType.DISCOUNT_VOUCHER:
        return _same_type_of_discount(stored, sent, path, of_campaign=of_campaign)
    if kind is VoucherType.GIFT_VOUCHER and "effect" in sent:
        return gift_json(Gift(stored["amount"], parse_gift_effect(sent, path)))
    return stored


def _same_type_of_discount(
    stored: Json, sent: Mapping[str, Any], path: str, *, of_campaign: bool
) -> Json:
    if sent.get("type") is None:
        sent = {**sent, "type": stored["type"]}
    kind = VoucherType.DISCOUNT_VOUCHER
    discount = read_worth(kind, sent, path, of_campaign=of_campaign)
    if discount["type"] == stored["type"]:
        return discount
    if of_campaign:
        raise invalid_campaign(
            "It is not possible to change Campaign voucher discount type"
        )
    raise invalid_voucher("It is not possible to change Voucher discount type")


def put_worth(voucher: Voucher, kind: VoucherType, block: Json) -> None:
    """Give an unstored voucher what ``block``, in its stored form, says."""
    voucher.type = kind
    if kind is VoucherType.DISCOUNT_VOUCHER:
        voucher.discount = block
        return
    start = block["points" if kind is VoucherType.LOYALTY_CARD else "amount"]
    voucher.credited_amount = voucher.initial_balance = start
    voucher.gift_effect = block.get("effect", "")


def stored_block(voucher: Voucher) -> Json | None:
    """Return what a voucher is worth as its block is stored in a template."""
    if voucher.type == VoucherType.GIFT_VOUCHER:
        effect = {"effect": voucher.gift_effect} if voucher.gift_effect else {}
        return {"amount": voucher.credited_amount, **effect}
    if voucher.type == VoucherType.LOYALTY_CARD:
        return {"points": voucher.credited_amount}
    return voucher.discount
