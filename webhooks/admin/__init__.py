from webhooks.admin import delivery, webhook

__all__ = ["delivery", "webhook"]
