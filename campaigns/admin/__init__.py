from campaigns.admin import (
    campaign,
    category,
    collection,
    product,
    promotion_stack,
    promotion_tier,
    publication,
    sku,
    stacking,
    validation_rule,
    voucher,
)

__all__ = [
    "campaign",
    "category",
    "collection",
    "product",
    "promotion_stack",
    "promotion_tier",
    "publication",
    "sku",
    "stacking",
    "validation_rule",
    "voucher",
]
