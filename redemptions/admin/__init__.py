from redemptions.admin import order, redemption

__all__ = ["order", "redemption"]
