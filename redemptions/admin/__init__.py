from redemptions.admin import ledger, order, redemption

__all__ = ["ledger", "order", "redemption"]
