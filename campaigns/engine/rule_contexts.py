"""Where a validation rule is meant to run: the values of ``context_type``.

A context is a hint to whoever builds a rule; any rule may stand in any context.

Source: rules specification, "context_type".
"""

GLOBAL = "global"

_DISCOUNTED = (
    "campaign.discount_coupons",
    "campaign.referral_program",
    "campaign.promotion",
    "voucher.discount_voucher",
)
_DISCOUNT_EFFECTS = (
    "discount.apply_to_order",
    "discount.apply_to_items",
    "discount.apply_to_items_proportionally",
    "discount.apply_to_items_proportionally_by_quantity",
    "discount.apply_to_items_by_quantity",
    "discount.fixed.apply_to_items",
    "discount.percent.apply_to_items",
)
_GIFTS = ("campaign.gift_vouchers", "voucher.gift_voucher")
_GIFT_EFFECTS = ("gift.apply_to_order", "gift.apply_to_items")
_TRIGGERS = (
    "earning_rule.order.paid",
    "earning_rule.custom_event",
    "earning_rule.customer.segment.entered",
    "earning_rule.customer.tier.joined",
    "earning_rule.customer.tier.left",
    "earning_rule.customer.tier.upgraded",
    "earning_rule.customer.tier.downgraded",
    "earning_rule.customer.tier.prolonged",
    "distribution.custom_event",
    "distribution.order.paid",
    "distribution.order.created",
    "distribution.order.canceled",
    "distribution.order.updated",
    "reward_assignment.pay_with_points",
)

CONTEXT_TYPES: tuple[str, ...] = (
    GLOBAL,
    *_DISCOUNTED,
    *(f"{base}.{effect}" for base in _DISCOUNTED for effect in _DISCOUNT_EFFECTS),
    *_GIFTS,
    *(f"{base}.{effect}" for base in _GIFTS for effect in _GIFT_EFFECTS),
    "campaign.loyalty_program",
    "voucher.loyalty_card",
    *_TRIGGERS,
)
