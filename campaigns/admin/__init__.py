from campaigns.admin import campaign, promotion_tier, validation_rule, voucher

__all__ = ["campaign", "promotion_tier", "validation_rule", "voucher"]
