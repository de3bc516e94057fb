from webhooks.admin import delivery, distribution, message, webhook

__all__ = ["delivery", "distribution", "message", "webhook"]
