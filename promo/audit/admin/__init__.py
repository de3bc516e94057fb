from promo.audit.admin import change

__all__ = ["change"]
