"""What the activity feed of a customer tells: the types that clients know.

Source: data specification, "Activity".
"""

_TOOLS = (
    "sms",
    "email",
    "activecampaign",
    "braze",
    "mailchimp",
    "intercom",
    "shopify",
    "klaviyo",
    "batch",
)
_CARD = "voucher.loyalty_card"
_NAMES = (
    *("confirmed", "created", "updated", "deleted", "referred", "custom_event"),
    *("segment.entered", "segment.left"),
    *(f"{tool}.{end}" for tool in _TOOLS for end in ("sent", "recovered", "failed")),
    *("rewarded", "rewarded.loyalty_points"),
    *(
        f"reward_redemptions.{end}"
        for end in ("created", "pending", "completed", "rolledback")
    ),
    *("voucher.gift.balance_added", "voucher.deleted"),
    *(
        f"{_CARD}.points_{end}"
        for end in ("added", "activated", "transferred", "expired")
    ),
    *(
        f"{_CARD}.pending_points.{end}"
        for end in ("activated", "added", "canceled", "updated")
    ),
    *(
        f"{what}.{end}"
        for what in ("publication", "validation", "redemption", "redemption.rollback")
        for end in ("succeeded", "failed")
    ),
    *(
        f"order.{end}"
        for end in (
            "created",
            "updated",
            "paid",
            "fulfilled",
            "canceled",
            "processing",
        )
    ),
    "loyalty.updated",
    *(
        f"loyalty.tier.{end}"
        for end in (
            "joined",
            "left",
            "upgraded",
            "downgraded",
            "prolonged",
            "expiration.changed",
        )
    ),
    *("holder.assignment.created", "holder.assignment.deleted"),
)
TYPES = tuple(f"customer.{name}" for name in _NAMES)
CATEGORIES = ("ACTION", "EFFECT")
