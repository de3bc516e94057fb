from campaigns.admin import (
    bin,  # noqa: A004 - what it shows
    campaign,
    category,
    collection,
    customer,
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
    "bin",
    "campaign",
    "category",
    "collection",
    "customer",
    "product",
    "promotion_stack",
    "promotion_tier",
    "publication",
    "sku",
    "stacking",
    "validation_rule",
    "voucher",
]
