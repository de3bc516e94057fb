from campaigns.admin import campaign, promotion_tier, voucher

__all__ = ["campaign", "promotion_tier", "voucher"]
