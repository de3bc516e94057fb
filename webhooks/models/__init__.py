from webhooks.models.delivery import Attempt, Delivery, DeliveryQuerySet, Status
from webhooks.models.webhook import SigningSecret, Webhook, WebhookQuerySet

__all__ = [
    "Attempt",
    "Delivery",
    "DeliveryQuerySet",
    "SigningSecret",
    "Status",
    "Webhook",
    "WebhookQuerySet",
]
