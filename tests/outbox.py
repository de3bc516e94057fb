"""What a project's outbox holds."""

from datetime import datetime

from promo.outbox.models import DomainEvent
from promo.outbox.relay import publish_batch
from promo.tenancy.models import Project


def events_of(project: Project) -> list[str]:
    """Return the types of the project's events, oldest first."""
    rows = DomainEvent.objects.filter(project=project).order_by("pk")
    return list(rows.values_list("type", flat=True))


def hear(*, now: datetime) -> None:
    """Hand out what is waiting, as the relay does within moments."""
    while publish_batch(now=now):
        pass
