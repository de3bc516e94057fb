from webhooks.models.bus import BusBatch, BusShard
from webhooks.models.delivery import Attempt, Delivery, DeliveryQuerySet, Status
from webhooks.models.distribution import (
    Distribution,
    DistributionCount,
    DistributionKind,
    DistributionQuerySet,
    DistributionStatus,
)
from webhooks.models.ingest import (
    BusDeadLetter,
    BusPosition,
    BusRecord,
    LetterState,
)
from webhooks.models.message import (
    DistributionMessage,
    MessageQuerySet,
    MessageState,
)
from webhooks.models.webhook import SigningSecret, Webhook, WebhookQuerySet

__all__ = [
    "Attempt",
    "BusBatch",
    "BusDeadLetter",
    "BusPosition",
    "BusRecord",
    "BusShard",
    "Delivery",
    "DeliveryQuerySet",
    "Distribution",
    "DistributionCount",
    "DistributionKind",
    "DistributionMessage",
    "DistributionQuerySet",
    "DistributionStatus",
    "LetterState",
    "MessageQuerySet",
    "MessageState",
    "SigningSecret",
    "Status",
    "Webhook",
    "WebhookQuerySet",
]
