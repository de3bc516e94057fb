from promo.jobs.admin.actions import AsyncActionAdmin

__all__ = ["AsyncActionAdmin"]
