"""Making the messages of one event for one customer, one a channel.

Source: campaigns specification, "Distributions".
"""

from datetime import datetime

from promo.ids import new_id
from promo.outbox.models import DomainEvent
from webhooks.engine.distributions.timing import Due
from webhooks.models import Distribution, DistributionMessage, MessageState


def messages_of(
    distribution: Distribution,
    event: DomainEvent,
    *,
    customer_id: str,
    due: Due,
    now: datetime,
) -> list[DistributionMessage]:
    """Return unstored messages; those that are never due are skipped already."""
    never = due.at is None
    ids = [new_id("dmsg_") for _ in distribution.channels]
    return [
        DistributionMessage(
            pk=pk,
            project_id=event.project_id,
            distribution=distribution,
            event_id=event.pk,
            event_type=event.type,
            event_created_at=event.created_at,
            customer_id=customer_id,
            channel=channel["type"],
            leader_id=ids[0],
            state=MessageState.SKIPPED if never else MessageState.WAITING,
            reason=due.reason,
            due_at=due.at or event.created_at,
            finished_at=now if never else None,
            created_at=now,
        )
        for pk, channel in zip(ids, distribution.channels, strict=True)
    ]
