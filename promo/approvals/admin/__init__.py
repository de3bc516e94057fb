from promo.approvals.admin import request

__all__ = ["request"]
