from promo.call_log.admin import call

__all__ = ["call"]
