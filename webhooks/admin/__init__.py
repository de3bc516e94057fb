from webhooks.admin import dead_letter, delivery, distribution, message, webhook

__all__ = ["dead_letter", "delivery", "distribution", "message", "webhook"]
