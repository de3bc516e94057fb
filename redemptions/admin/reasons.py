"""Why a redemption fails, in a marketer's words."""

REASONS = {
    "voucher_disabled": "Code disabled",
    "voucher_not_active": "Code not valid yet",
    "voucher_expired": "Code expired",
    "voucher_not_active_now": "Code not valid at this hour",
    "promotion_inactive": "Promotion switched off or out of dates",
    "promotion_not_active_now": "Promotion not valid at this hour",
    "quantity_exceeded": "All uses taken",
    "customer_rules_violated": "Customer does not match the rule",
    "order_rules_violated": "Order does not match the rule",
    "redemption_rules_violated": "Redemption limit of the rule reached",
    "custom_event_rules_violated": "Event does not match the rule",
    "referrer_not_permitted_to_redeem": "Used by the referrer",
    "invalid_voucher": "Referral code not given to anybody",
    "missing_customer": "No customer was sent",
    "missing_order": "No order was sent",
    "missing_amount": "The order had no amount",
    "missing_order_items": "The order had no items",
    "missing_order_items_amount": "No item that the gift card could pay",
    "invalid_gift": "The credits asked for are no amount",
    "gift_amount_exceeded": "Not enough credits on the gift card",
    "missing_reward": "No reward was named for the points",
    "invalid_reward": "The points asked for are no number",
    "loyalty_card_points_exceeded": "Not enough points on the card",
    "not_found": "Unknown code",
    "no_applicable_redeemables": "Nothing applied",
    "already_rolled_back": "Rolled back before",
    "invalid_redemption": "Not a redemption that can be rolled back",
    "invalid_redemption_parent": "Part of a redemption of several codes",
    "invalid_customer": "Belongs to another customer",
    "invalid_order": "Another order's redemption",
}


def reason_in_words(code: str, message: str = "") -> str:
    """Return a failure's reason; what is not known by name keeps its message."""
    return REASONS.get(code) or message or code.replace("_", " ").capitalize()
